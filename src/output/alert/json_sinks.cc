// SPDX-License-Identifier: Apache-2.0
#include "output/alert/json_sinks.h"

#include "output/alert/alert_json.h"

namespace vedette::output {
namespace {

EventFields wanted_fields(const SinkOptions& options) {
  return options.include_event ? EventFields::kInclude : EventFields::kLeaveOut;
}

class NdjsonSink : public event::Sink {
 public:
  explicit NdjsonSink(const SinkOptions& options)
      : writer_(options.writer), fields_(wanted_fields(options)) {}

  Result<void> write(const event::Alert& alert) override {
    JsonWriter json(writer_.buffer());
    append_alert(alert, fields_, json);
    writer_.buffer() += '\n';
    return writer_.settle();
  }
  Result<void> finish(const event::Summary& /*summary*/) override { return writer_.finish(); }
  bool wants_event() const override { return fields_ == EventFields::kInclude; }

 private:
  Writer& writer_;  // the caller's, see SinkOptions
  EventFields fields_;
};

class JsonSink : public event::Sink {
 public:
  explicit JsonSink(const SinkOptions& options)
      : writer_(options.writer), fields_(wanted_fields(options)) {
    writer_.buffer() += "{\"alerts\":[";
  }

  Result<void> write(const event::Alert& alert) override {
    writer_.buffer() += first_ ? "\n" : ",\n";
    first_ = false;
    JsonWriter json(writer_.buffer());
    append_alert(alert, fields_, json);
    return writer_.settle();
  }
  Result<void> finish(const event::Summary& summary) override {
    writer_.buffer() += "\n],\"summary\":";
    JsonWriter json(writer_.buffer());
    append_summary(summary, json);
    writer_.buffer() += "}\n";
    return writer_.finish();
  }
  bool wants_event() const override { return fields_ == EventFields::kInclude; }

 private:
  Writer& writer_;  // the caller's, see SinkOptions
  EventFields fields_;
  bool first_ = true;
};

}  // namespace

Result<std::unique_ptr<event::Sink>> make_ndjson_sink(const SinkOptions& options) {
  return std::make_unique<NdjsonSink>(options);
}

Result<std::unique_ptr<event::Sink>> make_json_sink(const SinkOptions& options) {
  return std::make_unique<JsonSink>(options);
}

}  // namespace vedette::output
