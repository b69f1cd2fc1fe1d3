// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "base/limits.h"
#include "event/batch.h"
#include "event/field_tree.h"
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

// A decoder for each format, for one thread. Both arguments outlive it.
class Decoders {
 public:
  Decoders(const event::FieldTree& tree, const Limits& limits, bool recover)
      : auditd_(tree, limits),
        cef_(tree, limits),
        evtx_(tree, limits, recover),
        json_(tree, limits),
        leef_(tree, limits),
        syslog_(tree, limits),
        web_access_(tree, limits),
        windows_xml_(tree, limits),
        zeek_(tree, limits) {}

  // Calls `use` with the decoder of the format; each call is compiled for its decoder. Nothing is
  // called for kUnknown, of which sources make no batches.
  template <typename Use>
  void with(event::RecordFormat format, Use&& use) {
    using event::RecordFormat;
    static_assert(static_cast<int>(RecordFormat::kWebAccess) == 10,
                  "a new format needs a case below");
    switch (format) {
      case RecordFormat::kUnknown:
        return;
      case RecordFormat::kJsonLines:
      case RecordFormat::kJson:
        return use(json_);
      case RecordFormat::kEvtx:
        return use(evtx_);
      case RecordFormat::kWindowsXml:
        return use(windows_xml_);
      case RecordFormat::kAuditd:
        return use(auditd_);
      case RecordFormat::kSyslog:
        return use(syslog_);
      case RecordFormat::kCef:
        return use(cef_);
      case RecordFormat::kLeef:
        return use(leef_);
      case RecordFormat::kZeekTsv:
        return use(zeek_);
      case RecordFormat::kWebAccess:
        return use(web_access_);
    }
  }

 private:
  formats::logs::AuditdDecoder auditd_;
  formats::logs::CefDecoder cef_;
  formats::logs::EvtxDecoder evtx_;
  formats::logs::JsonDecoder json_;
  formats::logs::LeefDecoder leef_;
  formats::logs::SyslogDecoder syslog_;
  formats::logs::WebAccessDecoder web_access_;
  formats::logs::WindowsXmlDecoder windows_xml_;
  formats::logs::ZeekDecoder zeek_;
};

}  // namespace vedette::engine
