// SPDX-License-Identifier: Apache-2.0
#include "engine/agent/agent_records.h"

#include <algorithm>

#include "base/json_writer.h"
#include "base/time.h"
#include "output/alert/alert_json.h"
#include "output/alert/formats.h"

namespace vedette::engine {

Result<std::unique_ptr<AgentRecords>> AgentRecords::create(
    const std::vector<std::unique_ptr<Outlet>>& outlets, const std::string& host,
    const std::string& version, const Clock& clock) {
  std::unique_ptr<AgentRecords> records(new AgentRecords());
  records->host_ = host;
  records->clock_ = &clock;
  for (const auto& outlet : outlets) {
    records->outlets_.push_back(outlet.get());
    records->every_event_ = records->every_event_ || outlet->config().events;
    if (!outlet->config().alerts) continue;
    const std::string& format = outlet->config().format;
    auto found = std::ranges::find_if(records->renderers_,
                                      [&](const auto& made) { return made->format == format; });
    if (found == records->renderers_.end()) {
      auto renderer = std::make_unique<Renderer>();
      renderer->format = format;
      renderer->writer =
          std::make_unique<output::Writer>(output::Writer::to_string(renderer->text));
      renderer->writer->write_at_once();
      output::SinkOptions options{*renderer->writer};
      options.version = version;
      options.now = clock.now();
      TRY(renderer->sink, output::make_sink(format, options));
      records->renderers_.push_back(std::move(renderer));
      found = std::prev(records->renderers_.end());
    }
    (*found)->outlets.push_back(outlet.get());
  }
  return records;
}

bool AgentRecords::wants_event() const {
  return std::ranges::any_of(renderers_,
                             [](const auto& made) { return made->sink->wants_event(); });
}

bool AgentRecords::wants_output_fields() const {
  return std::ranges::any_of(renderers_,
                             [](const auto& made) { return made->sink->wants_output_fields(); });
}

Result<void> AgentRecords::write(const event::Alert& alert) {
  ++alerts_;
  for (const auto& renderer : renderers_) {
    const bool wanted = std::ranges::any_of(renderer->outlets, [&](const Outlet* outlet) {
      return outlet->wants(spool::RecordKind::kAlert, alert.rule->level);
    });
    if (!wanted) continue;
    renderer->text.clear();
    TRY_VOID(renderer->sink->write(alert));
    TRY_VOID(renderer->writer->flush());
    std::string_view line = renderer->text;
    while (line.ends_with('\n')) line.remove_suffix(1);
    for (Outlet* const outlet : renderer->outlets) {
      if (outlet->wants(spool::RecordKind::kAlert, alert.rule->level)) {
        outlet->add(spool::RecordKind::kAlert, alert.rule->level, line);
      }
    }
  }
  return {};
}

void AgentRecords::write_event(const BatchResult::WholeEvent& event) {
  const auto type = std::ranges::find(event.fields, "evt.type", &event::AlertField::name);
  const std::string_view name = type == event.fields.end() ? std::string_view() : type->value;
  line_.clear();
  for (Outlet* const outlet : outlets_) {
    const std::vector<std::string>& types = outlet->config().event_types;
    if (!outlet->config().events) continue;
    if (!types.empty() && std::ranges::find(types, name) == types.end()) continue;
    if (line_.empty()) {
      JsonWriter json(line_);
      json.begin_object().key("record").string("event").key("host").string(host_);
      if (event.has_time) json.key("time").string(format_time(event.time));
      json.key("event");
      output::append_fields(event.fields, json);
      json.end_object();
    }
    outlet->add(spool::RecordKind::kEvent, event::Level::kInformational, line_);
  }
}

void AgentRecords::write_loss(const LossEvent& loss) {
  line_.clear();
  JsonWriter json(line_);
  json.begin_object().key("record").string("loss").key("host").string(host_);
  json.key("time").string(format_time(clock_->now()));
  json.key("stage").string(loss.stage).key("what").string(loss.what);
  json.key("count").number(loss.count).key("total").number(loss.total);
  json.key("reason").string(loss.reason).end_object();
  for (Outlet* const outlet : outlets_) {
    if (outlet->wants(spool::RecordKind::kLoss, event::Level::kHigh)) {
      outlet->add(spool::RecordKind::kLoss, event::Level::kHigh, line_);
    }
  }
}

}  // namespace vedette::engine
