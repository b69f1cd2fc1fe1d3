// SPDX-License-Identifier: Apache-2.0
#include "cmd/scan/model_bill_run.h"

#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "cmd/rule_flags.h"
#include "cmd/scan/package_command.h"
#include "cmd/terminal.h"
#include "cmd/version.h"
#include "engine/scan/model_inventory.h"
#include "output/package/model_bill.h"

namespace vedette::cmd {

int run_model_bill(engine::DigestOptions options, const ModelBillFlags& flags) {
  std::error_code error;
  std::string subject =
      std::filesystem::weakly_canonical(options.target, error).filename().string();
  if (subject.empty()) subject = "root";
  if (!flags.output.empty()) options.left_out.push_back(flags.output);
  Result<output::Writer> writer =
      flags.output.empty() ? Result<output::Writer>(output::Writer::to_descriptor(STDOUT_FILENO))
                           : output::Writer::to_file(flags.output);
  if (!writer) return usage_error(writer.error());
  const auto inventory = engine::list_models(std::move(options), subject, install_stop_signal());
  if (!inventory) return usage_error(inventory.error());
  const bool lost = print_losses(inventory->summary, flags.quiet);
  if (inventory->summary.interrupted) return kExitPartial;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const Result<void> written = output::write_model_bill(
      inventory->models,
      {.writer = *writer,
       .subject = subject,
       .version = version_number(),
       .now = flags.reproducible
                  ? 0
                  : std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()});
  if (!written) {
    fmt::print(stderr, "vedette: {}\n", written.error().message);
    return kExitPartial;
  }
  return lost ? kExitPartial : kExitClean;
}

}  // namespace vedette::cmd
