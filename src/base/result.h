// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <string>
#include <utility>

// Errors of this code base: what can fail returns Result<T>; nothing throws. A library that throws
// is caught in the one file that wraps it.
//
//   Result<int> port(std::string_view text);
//   Result<void> listen(std::string_view text) {
//     TRY(const int number, port(text));
//     ...
//     return {};
//   }
namespace vedette {

enum class ErrorCode : std::uint8_t {
  kInvalid,      // the input is not what its format demands
  kTruncated,    // the input ends too early
  kLimit,        // a bound of Limits was reached
  kUnsupported,  // well formed, but not something we can do; the message says what
  kNotFound,
  kSystem,  // the operating system refused; the message holds its reason
};

// One sentence for a person: what was expected, what was found and what to do.
struct Error {
  ErrorCode code = ErrorCode::kInvalid;
  std::string message;
};

template <typename T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> failure(ErrorCode code, std::string message) {
  return std::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace vedette

#define VEDETTE_CONCAT_INNER(a, b) a##b
#define VEDETTE_CONCAT(a, b) VEDETTE_CONCAT_INNER(a, b)
#define VEDETTE_TRY(name, declaration, expression)                        \
  auto name = (expression);                                               \
  if (!name.has_value()) return std::unexpected(std::move(name).error()); \
  declaration = std::move(name).value()
// TRY(declaration, expression): binds the value, or returns the error of `expression` to the
// caller.
#define TRY(declaration, expression) \
  VEDETTE_TRY(VEDETTE_CONCAT(try_result_, __LINE__), declaration, expression)
// TRY_VOID(expression): the same for Result<void>.
#define TRY_VOID(expression)                                                            \
  do {                                                                                  \
    auto try_result = (expression);                                                     \
    if (!try_result.has_value()) return std::unexpected(std::move(try_result).error()); \
  } while (false)

// CHECK states an invariant of ours and aborts in every build; DCHECK in debug builds. Input never
// reaches one.
#define CHECK(condition)                                                                 \
  do {                                                                                   \
    if (!(condition)) [[unlikely]] {                                                     \
      std::fprintf(stderr, "%s:%d: CHECK failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                      \
    }                                                                                    \
  } while (false)
#ifdef NDEBUG
#define DCHECK(condition) static_cast<void>(0)
#else
#define DCHECK(condition) CHECK(condition)
#endif
