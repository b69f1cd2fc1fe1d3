// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <utility>

#include "base/limits.h"
#include "event/batch.h"
#include "event/field_tree.h"
#include "formats/kernel/decoder.h"
#include "formats/logs/auditd.h"
#include "formats/logs/cef.h"
#include "formats/logs/evtx.h"
#include "formats/logs/json.h"
#include "formats/logs/leef.h"
#include "formats/logs/syslog.h"
#include "formats/logs/web_access.h"
#include "formats/logs/windows_xml.h"
#include "formats/logs/zeek.h"

namespace vedette::engine {

// One decoder for each format, made when it is first needed. One set per thread.
class Decoders {
 public:
  // Both outlive it. `recover`: EVTX records are carved from damaged files too.
  Decoders(const event::FieldTree& tree, const Limits& limits, bool recover)
      : tree_(tree), limits_(limits), recover_(recover) {}

  // Calls use(decoder) with the LogDecoder of `format`; false when there is none.
  template <typename Use>
  bool with(event::RecordFormat format, Use&& use) {
    using event::RecordFormat;
    switch (format) {
      case RecordFormat::kUnknown:
        return false;
      case RecordFormat::kJsonLines:
      case RecordFormat::kJson:
        return made(json_, use);
      case RecordFormat::kEvtx:
        if (!evtx_) evtx_.emplace(tree_, limits_, recover_);
        use(*evtx_);
        return true;
      case RecordFormat::kWindowsXml:
        return made(windows_xml_, use);
      case RecordFormat::kAuditd:
        return made(auditd_, use);
      case RecordFormat::kSyslog:
        return made(syslog_, use);
      case RecordFormat::kCef:
        return made(cef_, use);
      case RecordFormat::kLeef:
        return made(leef_, use);
      case RecordFormat::kZeekTsv:
        return made(zeek_, use);
      case RecordFormat::kWebAccess:
        return made(web_access_, use);
      case RecordFormat::kKernel:
        return made(kernel_, use);
    }
    return false;
  }

  // What the decoders of a live source remember of it.
  void take_over(Decoders& earlier) {
    if (!earlier.kernel_) return;
    kernel_.emplace(tree_, limits_);
    kernel_->take_over(*earlier.kernel_);
  }

 private:
  template <typename Decoder, typename Use>
  bool made(std::optional<Decoder>& decoder, Use& use) {
    if (!decoder) decoder.emplace(tree_, limits_);
    use(*decoder);
    return true;
  }

  const event::FieldTree& tree_;
  const Limits& limits_;
  bool recover_;
  std::optional<formats::logs::JsonDecoder> json_;
  std::optional<formats::logs::EvtxDecoder> evtx_;
  std::optional<formats::logs::WindowsXmlDecoder> windows_xml_;
  std::optional<formats::logs::AuditdDecoder> auditd_;
  std::optional<formats::logs::SyslogDecoder> syslog_;
  std::optional<formats::logs::CefDecoder> cef_;
  std::optional<formats::logs::LeefDecoder> leef_;
  std::optional<formats::logs::ZeekDecoder> zeek_;
  std::optional<formats::logs::WebAccessDecoder> web_access_;
  std::optional<formats::kernel::KernelDecoder> kernel_;
};

}  // namespace vedette::engine
