// SPDX-License-Identifier: Apache-2.0
#include "engine/agent/agent_config.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <fmt/format.h>
#include <numeric>
#include <set>
#include <span>

#include "base/file.h"
#include "engine/agent/shedder.h"
#include "engine/agent/status_server.h"
#include "formats/yaml/yaml.h"

namespace vedette::engine {
namespace {

using formats::yaml::Node;
using formats::yaml::NodeKind;
using spool::SinkKind;

struct Reader {
  const std::string& file;
  std::vector<Diagnostic>& diagnostics;

  void error(const Node& node, std::string message, std::string hint = "") const {
    diagnostics.push_back({DiagnosticKind::kError,
                           {file, node.line, node.column, 0},
                           std::move(message),
                           std::move(hint)});
  }
};

// The bit of a kind of sinks.
constexpr unsigned bit(SinkKind kind) { return 1U << static_cast<unsigned>(kind); }
constexpr unsigned kEverywhere = ~0U;

// A key of a mapping: set() puts the value into the target and is false when it is not as expected.
template <typename Target>
struct Key {
  std::string_view name;
  std::string_view expected;
  bool (*set)(const Reader& reader, const Node& value, Target& target);
  unsigned kinds = kEverywhere;  // of sinks that have it
};

bool set_text(const Node& value, std::string& target) {
  if (value.kind != NodeKind::kScalar || value.text.empty()) return false;
  target = value.text;
  return true;
}

bool set_texts(const Node& value, std::vector<std::string>& target) {
  if (value.kind == NodeKind::kScalar) return set_text(value, target.emplace_back());
  if (value.kind != NodeKind::kSequence || value.elements.empty()) return false;
  return std::all_of(value.elements.begin(), value.elements.end(), [&](const Node* element) {
    return set_text(*element, target.emplace_back());
  });
}

bool set_flag(const Node& value, bool& target) {
  if (value.kind != NodeKind::kScalar ||
      scalar_type(value) != formats::yaml::ScalarType::kBoolean) {
    return false;
  }
  target = boolean_of(value);
  return true;
}

template <typename Parsed, typename Target>
bool set_parsed(const Node& value, std::optional<Parsed> (*parse)(std::string_view),
                Target& target) {
  if (value.kind != NodeKind::kScalar) return false;
  const std::optional<Parsed> parsed = parse(value.text);
  if (parsed.has_value()) target = static_cast<Target>(*parsed);
  return parsed.has_value();
}

template <typename Enum, std::size_t kCount>
bool set_enum(const Node& value, const std::array<std::string_view, kCount>& names, Enum& target) {
  const auto found = std::find(names.begin(), names.end(), value.text);
  if (value.kind != NodeKind::kScalar || found == names.end()) return false;
  target = static_cast<Enum>(found - names.begin());
  return true;
}

template <typename Number>
bool set_number(const Node& value, Number min, Number max, Number& target) {
  if (value.kind != NodeKind::kScalar) return false;
  const char* const end = value.text.data() + value.text.size();
  const auto parsed = std::from_chars(value.text.data(), end, target);
  return parsed.ec == std::errc() && parsed.ptr == end && target >= min && target <= max;
}

bool set_time_ms(const Node& value, std::int64_t& target) {
  TimeNs time = 0;
  if (!set_parsed(value, &parse_duration, time) || time < kNsPerSecond / 1000) return false;
  target = time / (kNsPerSecond / 1000);
  return true;
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0U : 1U);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

// "did you mean X?", or all that there are when nothing is near.
template <typename Target>
std::string hint_of(std::string_view word, std::span<const Key<Target>> keys, unsigned kind) {
  constexpr std::size_t kWordMax = 64;
  std::string_view best;
  std::size_t best_distance = 1 + std::min(word.size(), kWordMax) / 3;
  std::string all;
  for (const Key<Target>& key : keys) {
    if ((key.kinds & kind) == 0) continue;
    all += (all.empty() ? "" : ", ") + std::string(key.name);
    if (word.size() > kWordMax) continue;
    const std::size_t found = distance(word, key.name);
    if (found <= best_distance && (best.empty() || found < best_distance)) {
      best = key.name;
      best_distance = found;
    }
  }
  return best.empty() ? "known keys: " + all : fmt::format("did you mean {}?", best);
}

template <typename Target, std::size_t kCount>
void read_mapping(const Reader& reader, const Node& node, std::string_view what,
                  const std::array<Key<Target>, kCount>& keys, Target& target,
                  unsigned kind = kEverywhere) {
  if (node.kind != NodeKind::kMapping) {
    reader.error(node, fmt::format("{}: expected keys with values, found something else", what));
    return;
  }
  std::set<std::string_view> seen;
  for (const formats::yaml::Member& member : node.members) {
    const std::string_view name = member.key->text;
    const auto key = std::find_if(keys.begin(), keys.end(), [&](const Key<Target>& known) {
      return known.name == name && (known.kinds & kind) != 0;
    });
    if (key == keys.end()) {
      reader.error(*member.key, fmt::format("{}: unknown key '{}'", what, name),
                   hint_of(name, std::span<const Key<Target>>(keys), kind));
    } else if (!seen.insert(name).second) {
      reader.error(*member.key, fmt::format("{}: the key '{}' stands twice", what, name));
    } else if (!key->set(reader, *member.value, target)) {
      const bool scalar = member.value->kind == NodeKind::kScalar;
      reader.error(*member.value, fmt::format("{}: expected {}, found {}", name, key->expected,
                                              scalar ? fmt::format("'{}'", member.value->text)
                                                     : std::string("a list or keys with values")));
    }
  }
}

http::ClientOptions& http_of(SinkConfig& sink) {
  return sink.options.kind == SinkKind::kOtlp ? sink.options.otlp.http : sink.options.http.http;
}

bool set_records(const Node& value, SinkConfig& sink) {
  std::vector<std::string> names;
  if (!set_texts(value, names)) return false;
  sink.alerts = sink.events = sink.losses = false;
  return std::all_of(names.begin(), names.end(), [&sink](const std::string& name) {
    if (name == "alerts") sink.alerts = true;
    if (name == "events") sink.events = true;
    if (name == "losses") sink.losses = true;
    return name == "alerts" || name == "events" || name == "losses";
  });
}

bool set_settings(const Node& value, SinkConfig& sink) {
  if (value.kind != NodeKind::kMapping) return false;
  for (const formats::yaml::Member& member : value.members) {
    auto& [key, text] = sink.options.kafka.settings.emplace_back();
    if (!set_text(*member.key, key) || !set_text(*member.value, text)) return false;
  }
  return true;
}

bool set_sink_name(const Node& value, SinkConfig& sink) {
  constexpr std::size_t kNameMax = 64;
  return set_text(value, sink.name) && sink.name.size() <= kNameMax &&
         sink.name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
             std::string::npos;
}

bool set_level(const Node& value, event::Level& target) {
  const auto found = std::ranges::find(event::kLevelNames, value.text);
  if (value.kind != NodeKind::kScalar || found == event::kLevelNames.end()) return false;
  target = static_cast<event::Level>(found - event::kLevelNames.begin());
  return true;
}

bool set_format(const Node& value, SinkConfig& sink) {
  return set_text(value, sink.format) &&
         (sink.format == "ndjson" || sink.format == "falco" || sink.format == "ocsf");
}

bool set_shed(const Reader& reader, const Node& value, AgentConfig& config) {
  if (!set_texts(value, config.shed)) return false;
  for (const Node* const element : value.elements) {
    if (is_sheddable(element->text)) continue;
    reader.error(*element, fmt::format("shed: '{}' is no kind that may be shed", element->text),
                 "names of system calls, dns, tls and flow; never those that processes are "
                 "followed by, such as execve and clone");
  }
  return true;
}

// A power of two from 64 KiB to 1 GiB.
bool set_ring(const Node& value, AgentConfig& config) {
  return set_parsed(value, &parse_size, config.ring_bytes) &&
         std::has_single_bit(config.ring_bytes) && config.ring_bytes >= (std::uint64_t{64} << 10) &&
         config.ring_bytes <= (std::uint64_t{1} << 30);
}

constexpr unsigned kFile = bit(SinkKind::kFile);
constexpr unsigned kSyslog = bit(SinkKind::kSyslog);
constexpr unsigned kWeb = bit(SinkKind::kHttp) | bit(SinkKind::kOtlp);
constexpr unsigned kKafka = bit(SinkKind::kKafka);
constexpr std::string_view kPath = "the path of a file";
constexpr std::string_view kTime = "a time such as 200ms, 90s, 15m, 12h or 7d";
constexpr std::string_view kSize = "a size such as 4096, 64KiB, 8MiB or 1GiB";
constexpr std::string_view kFlag = "true or false";

constexpr auto kSinkKeys = std::to_array<Key<SinkConfig>>({
    {"kind", "stdout, file, syslog, http, otlp or kafka",
     [](const Reader&, const Node& value, SinkConfig& sink) {
       return set_enum(value, spool::kSinkKindNames, sink.options.kind);
     }},
    {"name", "a name of letters, digits, '-' and '_'",
     [](const Reader&, const Node& value, SinkConfig& sink) { return set_sink_name(value, sink); }},
    {"records", "a list of alerts, events and losses",
     [](const Reader&, const Node& value, SinkConfig& sink) { return set_records(value, sink); }},
    {"level-min", "informational, low, medium, high or critical",
     [](const Reader&, const Node& value, SinkConfig& sink) {
       return set_level(value, sink.level_min);
     }},
    {"event-types", "a list of types of events such as execve and connect",
     [](const Reader&, const Node& value, SinkConfig& sink) {
       return set_texts(value, sink.event_types);
     }},
    {"format", "ndjson, falco or ocsf",
     [](const Reader&, const Node& value, SinkConfig& sink) { return set_format(value, sink); }},
    {"path", kPath,
     [](const Reader&, const Node& value, SinkConfig& sink) {
       return set_text(value, sink.options.file.path);
     },
     kFile},
    {"size-max", kSize,
     [](const Reader&, const Node& value, SinkConfig& sink) {
       return set_parsed(value, &parse_size, sink.options.file.bytes_max);
     },
     kFile},
    {"files-max", "a number of files from 1 to 1000",
     [](const Reader&, const Node& value, SinkConfig& sink) {
       return set_number(value, 1U, 1000U, sink.options.file.files_max);
     },
     kFile},
    {"sync", kFlag,
     [](const Reader&, const Node& value, SinkConfig& sink) {
       return set_flag(value, sink.options.file.sync);
     },
     kFile},
    {"transport", "unix, udp or tcp",
     [](const Reader&, const Node& value, SinkConfig& sink) {
       return set_enum(value, spool::kSyslogTransportNames, sink.options.syslog.transport);
     },
     kSyslog},
    {"address", "a path, or host:port",
     [](const Reader&, const Node& value, SinkConfig& sink) {
       return set_text(value, sink.options.syslog.address);
     },
     kSyslog},
    {"facility", "a number from 0 to 23",
     [](const Reader&, const Node& value, SinkConfig& sink) {
       return set_number(value, 0, 23, sink.options.syslog.facility);
     },
     kSyslog},
    {"url", "a URL with http or https",
     [](const Reader&, const Node& value, SinkConfig& sink) {
       return set_text(value, http_of(sink).url);
     },
     kWeb},
    {"token-file", kPath,
     [](const Reader&, const Node& value, SinkConfig& sink) {
       return set_text(value, http_of(sink).token_file);
     },
     kWeb},
    {"ca-file", kPath,
     [](const Reader&, const Node& value, SinkConfig& sink) {
       return set_text(value, http_of(sink).ca_file);
     },
     kWeb},
    {"certificate-file", kPath,
     [](const Reader&, const Node& value, SinkConfig& sink) {
       return set_text(value, http_of(sink).certificate_file);
     },
     kWeb},
    {"key-file", kPath,
     [](const Reader&, const Node& value, SinkConfig& sink) {
       return set_text(value, http_of(sink).key_file);
     },
     kWeb},
    {"proxy", "the URL of a proxy",
     [](const Reader&, const Node& value, SinkConfig& sink) {
       return set_text(value, http_of(sink).proxy);
     },
     kWeb},
    {"gzip", kFlag,
     [](const Reader&, const Node& value, SinkConfig& sink) {
       return set_flag(value, sink.options.kind == SinkKind::kOtlp ? sink.options.otlp.gzip
                                                                   : sink.options.http.gzip);
     },
     kWeb},
    {"resume", kFlag,
     [](const Reader&, const Node& value, SinkConfig& sink) {
       return set_flag(value, sink.options.http.resume);
     },
     bit(SinkKind::kHttp)},
    {"timeout", kTime,
     [](const Reader&, const Node& value, SinkConfig& sink) {
       switch (sink.options.kind) {
         case SinkKind::kSyslog:
           return set_time_ms(value, sink.options.syslog.timeout_ms);
         case SinkKind::kKafka:
           return set_time_ms(value, sink.options.kafka.timeout_ms);
         default:
           return set_time_ms(value, http_of(sink).timeout_ms);
       }
     },
     kSyslog | kWeb | kKafka},
    {"brokers", "host:port, several with commas between",
     [](const Reader&, const Node& value, SinkConfig& sink) {
       return set_text(value, sink.options.kafka.brokers);
     },
     kKafka},
    {"topic", "the name of a topic",
     [](const Reader&, const Node& value, SinkConfig& sink) {
       return set_text(value, sink.options.kafka.topic);
     },
     kKafka},
    {"settings", "librdkafka's settings as keys with values",
     [](const Reader&, const Node& value, SinkConfig& sink) { return set_settings(value, sink); },
     kKafka},
});

constexpr auto kSpoolKeys = std::to_array<Key<spool::SpoolOptions>>({
    {"folder", "the path of a folder",
     [](const Reader&, const Node& value, spool::SpoolOptions& spool) {
       return set_text(value, spool.folder);
     }},
    {"segment-size", kSize,
     [](const Reader&, const Node& value, spool::SpoolOptions& spool) {
       return set_parsed(value, &parse_size, spool.segment_bytes);
     }},
    {"size-max", kSize,
     [](const Reader&, const Node& value, spool::SpoolOptions& spool) {
       return set_parsed(value, &parse_size, spool.bytes_max);
     }},
    {"age-max", kTime,
     [](const Reader&, const Node& value, spool::SpoolOptions& spool) {
       return set_parsed(value, &parse_duration, spool.age_max);
     }},
    {"overflow", "drop_oldest or block",
     [](const Reader&, const Node& value, spool::SpoolOptions& spool) {
       return set_enum(value, spool::kOverflowNames, spool.overflow);
     }},
    {"sync", "each_batch or interval",
     [](const Reader&, const Node& value, spool::SpoolOptions& spool) {
       return set_enum(value, spool::kSyncPolicyNames, spool.sync);
     }},
    {"sync-interval", kTime,
     [](const Reader&, const Node& value, spool::SpoolOptions& spool) {
       return set_parsed(value, &parse_duration, spool.sync_interval);
     }},
});

bool read_sinks(const Reader& reader, const Node& value, AgentConfig& config) {
  if (value.kind != NodeKind::kSequence || value.elements.empty()) return false;
  for (const Node* const element : value.elements) {
    SinkConfig sink;
    const Node* const kind = element->find("kind");
    if (kind == nullptr) {
      reader.error(*element, "a sink needs a kind",
                   "kind: stdout, file, syslog, http, otlp or kafka");
      continue;
    }
    const std::size_t problems = reader.diagnostics.size();
    if (!set_enum(*kind, spool::kSinkKindNames, sink.options.kind)) {
      reader.error(*kind,
                   fmt::format("kind: expected {}, found '{}'", kSinkKeys[0].expected, kind->text));
      continue;
    }
    const std::string_view kind_name =
        spool::kSinkKindNames[static_cast<std::size_t>(sink.options.kind)];
    sink.name = kind_name;
    read_mapping(reader, *element, fmt::format("{} sink", kind_name), kSinkKeys, sink,
                 bit(sink.options.kind));
    if (reader.diagnostics.size() == problems) {
      const auto made = spool::make_sink(sink.options);
      if (!made.has_value()) {
        reader.error(*element, fmt::format("{} sink: {}", kind_name, made.error().message));
      }
    }
    const bool twice =
        std::any_of(config.sinks.begin(), config.sinks.end(),
                    [&](const SinkConfig& other) { return other.name == sink.name; });
    if (twice) {
      reader.error(*element, fmt::format("two sinks are named '{}'", sink.name),
                   "give each a name of its own; it is the name of its spool");
    }
    config.sinks.push_back(std::move(sink));
  }
  return true;
}

constexpr auto kKeys = std::to_array<Key<AgentConfig>>({
    {"rules", "a list of files and folders",
     [](const Reader&, const Node& value, AgentConfig& config) {
       return set_texts(value, config.rules);
     }},
    {"host", "a host name",
     [](const Reader&, const Node& value, AgentConfig& config) {
       return set_text(value, config.host);
     }},
    {"sinks", "a list of sinks", &read_sinks},
    {"spool", "",
     [](const Reader& reader, const Node& value, AgentConfig& config) {
       read_mapping(reader, value, "spool", kSpoolKeys, config.spool);
       return true;
     }},
    {"cpu-max", "a share of one core such as 25% or 0.5",
     [](const Reader&, const Node& value, AgentConfig& config) {
       return set_parsed(value, &parse_share, config.limits.cpu_max);
     }},
    {"memory-max", kSize,
     [](const Reader&, const Node& value, AgentConfig& config) {
       return set_parsed(value, &parse_size, config.limits.memory_bytes_max);
     }},
    {"shed", "a list of kinds of events, least valuable first", &set_shed},
    {"reload", "signal or change",
     [](const Reader&, const Node& value, AgentConfig& config) {
       return set_enum(value, kReloadTriggerNames, config.reload);
     }},
    {"status", "the path of a socket",
     [](const Reader&, const Node& value, AgentConfig& config) {
       return set_text(value, config.status);
     }},
    {"metrics", "address:port, such as 127.0.0.1:9464",
     [](const Reader&, const Node& value, AgentConfig& config) {
       return set_text(value, config.metrics) && parse_endpoint(config.metrics).has_value();
     }},
    {"watchdog", kTime,
     [](const Reader&, const Node& value, AgentConfig& config) {
       return set_parsed(value, &parse_duration, config.watchdog) &&
              config.watchdog >= kNsPerSecond;
     }},
    {"identity-wait", kTime,
     [](const Reader&, const Node& value, AgentConfig& config) {
       return set_parsed(value, &parse_duration, config.identity_wait);
     }},
    {"enforce", kFlag,
     [](const Reader&, const Node& value, AgentConfig& config) {
       return set_flag(value, config.enforce);
     }},
    {"ring-size", "a power of two from 64KiB to 1GiB",
     [](const Reader&, const Node& value, AgentConfig& config) { return set_ring(value, config); }},
});

// What the keys say together.
void check_whole(const Reader& reader, const Node& root, AgentConfig& config) {
  if (root.find("rules") == nullptr) reader.error(root, "expected the key rules, found none");
  if (root.find("sinks") == nullptr) {
    reader.error(root, "expected the key sinks, found none", "sinks: [{kind: stdout}]");
  }
  const Node* const spool = root.find("spool");
  const bool sized = config.spool.segment_bytes >= 4096 &&
                     config.spool.segment_bytes <= spool::kSegmentBytesMax &&
                     config.spool.bytes_max / 2 >= config.spool.segment_bytes;
  if (!sized) {
    reader.error(
        spool == nullptr ? root : *spool,
        fmt::format("spool: expected a segment-size of 4096 to {} and a size-max of at "
                    "least twice that, found {} and {}",
                    spool::kSegmentBytesMax, config.spool.segment_bytes, config.spool.bytes_max));
  }
  for (SinkConfig& sink : config.sinks) {
    sink.options.otlp.host = config.host;
    sink.options.syslog.host = config.host;
  }
}

}  // namespace

LoadedAgentConfig parse_agent_config(std::string_view text, const std::string& name,
                                     const Limits& limits) {
  LoadedAgentConfig loaded;
  const Reader reader{name, loaded.diagnostics};
  const auto fail = [&](std::uint32_t line, std::uint32_t column, std::string message) {
    loaded.diagnostics.push_back(
        {DiagnosticKind::kError, {name, line, column, 0}, std::move(message), ""});
  };
  const auto document = formats::yaml::Document::parse(text, limits);
  if (!document.has_value()) {
    fail(0, 0, document.error().message);
    return loaded;
  }
  for (const formats::yaml::SyntaxError& error : document->errors()) {
    fail(error.line, error.column, error.message);
  }
  if (!loaded.diagnostics.empty()) return loaded;
  if (document->roots().size() != 1) {
    fail(1, 1, fmt::format("expected one document, found {}", document->roots().size()));
    return loaded;
  }
  AgentConfig config;
  config.spool.folder = "/var/lib/vedette/spool";
  const Node& root = *document->roots()[0];
  read_mapping(reader, root, "configuration", kKeys, config);
  if (root.kind == NodeKind::kMapping) check_whole(reader, root, config);
  if (loaded.diagnostics.empty()) loaded.config = std::move(config);
  return loaded;
}

std::vector<std::string_view> keys_for_restart(const AgentConfig& a, const AgentConfig& b) {
  std::vector<std::string_view> keys;
  const auto compare = [&](std::string_view key, bool same) {
    if (!same) keys.push_back(key);
  };
  compare("host", a.host == b.host);
  compare("sinks", a.sinks == b.sinks);
  compare("spool", a.spool == b.spool);
  compare("shed", a.shed == b.shed);
  compare("reload", a.reload == b.reload);
  compare("status", a.status == b.status);
  compare("metrics", a.metrics == b.metrics);
  compare("watchdog", a.watchdog == b.watchdog);
  compare("identity-wait", a.identity_wait == b.identity_wait);
  compare("enforce", a.enforce == b.enforce);
  compare("ring-size", a.ring_bytes == b.ring_bytes);
  return keys;
}

LoadedAgentConfig load_agent_config(const std::string& path, const Limits& limits) {
  const Result<std::string> text = read_file(path, limits.file_bytes_max);
  if (text.has_value()) return parse_agent_config(*text, path, limits);
  LoadedAgentConfig loaded;
  loaded.diagnostics.push_back({DiagnosticKind::kError, {path, 0, 0, 0}, text.error().message, ""});
  return loaded;
}

}  // namespace vedette::engine
