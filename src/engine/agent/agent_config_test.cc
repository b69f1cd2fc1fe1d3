// SPDX-License-Identifier: Apache-2.0
#include "engine/agent/agent_config.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace vedette::engine {
namespace {

LoadedAgentConfig parse(std::string_view text) {
  return parse_agent_config(text, "agent.yaml", {});
}

// Every mistake as "line:column message (hint)", one a line.
std::string mistakes(std::string_view text) {
  std::string all;
  const LoadedAgentConfig loaded = parse(text);
  EXPECT_EQ(loaded.config.has_value(), loaded.diagnostics.empty());
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    all += std::to_string(diagnostic.place.line) + ":" + std::to_string(diagnostic.place.column) +
           " " + diagnostic.message +
           (diagnostic.hint.empty() ? "" : " (" + diagnostic.hint + ")") + "\n";
  }
  return all;
}

TEST(AgentConfig, ReadsAWholeFile) {
  const LoadedAgentConfig loaded = parse(R"(
rules: [/etc/vedette/rules, /srv/more.yaml]
host: web-7
cpu-max: 25%
memory-max: 64MiB
shed: [openat, dns]
reload: change
spool:
  folder: /var/spool/vedette
  segment-size: 1MiB
  size-max: 100MiB
  age-max: 7d
  overflow: block
  sync: each_batch
  sync-interval: 50ms
sinks:
  - {kind: stdout, records: [alerts, events]}
  - kind: http
    name: siem
    url: https://siem.example/in
    token-file: /etc/vedette/token
    gzip: true
    resume: true
    timeout: 10s
  - {kind: otlp, url: "http://127.0.0.1:4318/v1/logs"}
  - {kind: syslog, transport: tcp, address: "log:601", facility: 4}
  - {kind: file, path: /var/log/vedette/alerts.ndjson, size-max: 10MB, files-max: 9, sync: no}
  - kind: kafka
    brokers: a:9092,b:9092
    topic: alerts
    settings: {security.protocol: ssl}
)");
  for (const Diagnostic& diagnostic : loaded.diagnostics) ADD_FAILURE() << diagnostic.message;
  ASSERT_TRUE(loaded.config.has_value());
  const AgentConfig& config = *loaded.config;
  EXPECT_EQ(config.rules.size(), 2U);
  EXPECT_DOUBLE_EQ(config.limits.cpu_max, 0.25);
  EXPECT_EQ(config.limits.memory_bytes_max, 64U << 20);
  EXPECT_EQ(config.shed, (std::vector<std::string>{"openat", "dns"}));
  EXPECT_EQ(config.reload, ReloadTrigger::kChange);
  EXPECT_EQ(config.spool.folder, "/var/spool/vedette");
  EXPECT_EQ(config.spool.age_max, 7 * 86400 * kNsPerSecond);
  EXPECT_EQ(config.spool.overflow, spool::Overflow::kBlock);
  EXPECT_EQ(config.spool.sync, spool::SyncPolicy::kEachBatch);
  ASSERT_EQ(config.sinks.size(), 6U);
  EXPECT_EQ(config.sinks[0].name, "stdout");
  EXPECT_TRUE(config.sinks[0].events);
  EXPECT_FALSE(config.sinks[0].losses);
  EXPECT_EQ(config.sinks[1].name, "siem");
  EXPECT_EQ(config.sinks[1].options.http.http.timeout_ms, 10000);
  EXPECT_TRUE(config.sinks[1].options.http.resume);
  EXPECT_EQ(config.sinks[2].options.otlp.host, "web-7");
  EXPECT_EQ(config.sinks[3].options.syslog.facility, 4);
  EXPECT_FALSE(config.sinks[4].options.file.sync);
  EXPECT_EQ(config.sinks[4].options.file.bytes_max, 10'000'000U);
  EXPECT_EQ(config.sinks[5].options.kafka.settings.size(), 1U);
}

TEST(AgentConfig, NamesEveryMistakeAndItsPlace) {
  EXPECT_EQ(mistakes(R"(rules: [a]
cpu-mx: 3%
memory-max: much
sinks:
  - {kind: http, url: https://a/, path: /x}
  - {kind: htp}
  - {kind: file, pth: /x}
  - {name: x}
)"),
            "2:1 configuration: unknown key 'cpu-mx' (did you mean cpu-max?)\n"
            "3:13 memory-max: expected a size such as 4096, 64KiB, 8MiB or 1GiB, found 'much'\n"
            "5:35 http sink: unknown key 'path' (known keys: kind, name, records, level-min, "
            "event-types, format, url, token-file, "
            "ca-file, certificate-file, key-file, proxy, gzip, resume, timeout)\n"
            "6:12 kind: expected stdout, file, syslog, http, otlp or kafka, found 'htp'\n"
            "7:18 file sink: unknown key 'pth' (did you mean path?)\n"
            "8:5 a sink needs a kind (kind: stdout, file, syslog, http, otlp or kafka)\n");
}

TEST(AgentConfig, RefusesWhatDoesNotGoTogether) {
  EXPECT_EQ(mistakes("rules: a\n"),
            "1:1 expected the key sinks, found none (sinks: [{kind: stdout}])\n");
  EXPECT_EQ(mistakes("rules: a\nsinks: [{kind: stdout}, {kind: stdout}]\n"),
            "2:25 two sinks are named 'stdout' (give each a name of its own; it is the name of its "
            "spool)\n");
  EXPECT_EQ(mistakes("rules: a\nsinks: [{kind: file}]\n"),
            "2:9 file sink: file: expected a path\n");
  EXPECT_EQ(mistakes("rules: a\nrules: b\nsinks: [{kind: stdout}]\n"),
            "2:1 configuration: the key 'rules' stands twice\n");
  EXPECT_NE(mistakes("rules: a\nsinks: [{kind: stdout, name: ../x}]\n").find("a name of letters"),
            std::string::npos);
  EXPECT_NE(mistakes("rules: a\nsinks: [{kind: stdout}]\nspool: {size-max: 1MiB}\n")
                .find("at least twice that"),
            std::string::npos);
}

TEST(AgentConfig, ABrokenFileIsNoConfiguration) {
  EXPECT_NE(mistakes("rules: [a\n"), "");
  EXPECT_NE(mistakes(""), "");
  EXPECT_NE(mistakes("a: 1\n---\nb: 2\n"), "");
  EXPECT_NE(mistakes("- a\n"), "");
  EXPECT_FALSE(load_agent_config("/nonexistent/agent.yaml", {}).config.has_value());
}

TEST(AgentConfig, FormsOfValues) {
  EXPECT_EQ(parse_size("64 KiB"), 65536U);
  EXPECT_FALSE(parse_size("-1").has_value());
  EXPECT_FALSE(parse_size("99999999999GiB").has_value());
  EXPECT_EQ(parse_duration("15m"), 900 * kNsPerSecond);
  EXPECT_FALSE(parse_duration("15").has_value());
  EXPECT_FALSE(parse_duration("9999999d").has_value());
  EXPECT_DOUBLE_EQ(*parse_share("0.5"), 0.5);
  EXPECT_FALSE(parse_share("0").has_value());
  EXPECT_FALSE(parse_share("nan").has_value());
}

TEST(AgentConfig, TheShippedExampleIsValid) {
  const LoadedAgentConfig loaded =
      load_agent_config(VEDETTE_SOURCE_DIR "/packaging/vedette-agent.yaml", {});
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    ADD_FAILURE() << to_string(diagnostic.place) << " " << diagnostic.message;
  }
}

}  // namespace
}  // namespace vedette::engine
