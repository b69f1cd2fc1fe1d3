// SPDX-License-Identifier: Apache-2.0
#include "engine/observe/observation.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <sys/stat.h>

#include "base/file.h"
#include "engine/observe/deviation_rules.h"
#include "engine/observe/image_root.h"
#include "formats/kernel/system_calls.h"
#include "observe/image_names.h"
#include "observe/network_policy.h"
#include "observe/seccomp_profile.h"

namespace vedette::engine {
namespace {

// A profile of hundreds of images is longer than a rule.
constexpr std::size_t kProfileBytesMax = std::size_t{64} << 20;
constexpr std::size_t kProfileNodesMax = 4'000'000;

// What tells of files and connections.
constexpr auto kCalls = std::to_array<std::string_view>({"open",
                                                         "openat",
                                                         "openat2",
                                                         "creat",
                                                         "unlink",
                                                         "unlinkat",
                                                         "rmdir",
                                                         "mkdir",
                                                         "mkdirat",
                                                         "rename",
                                                         "renameat",
                                                         "renameat2",
                                                         "link",
                                                         "linkat",
                                                         "symlink",
                                                         "symlinkat",
                                                         "chmod",
                                                         "fchmodat",
                                                         "chown",
                                                         "lchown",
                                                         "fchownat",
                                                         "truncate",
                                                         "mknod",
                                                         "mknodat",
                                                         "connect",
                                                         "bind",
                                                         "listen",
                                                         "sendto",
                                                         "sendmsg",
                                                         "sendmmsg",
                                                         "open_by_handle_at"});
// What only a profile asks for; use asks for what is opened.
bool only_opens(std::string_view call) { return call.starts_with("open") || call == "creat"; }

Result<void> make_folder(const std::string& folder) {
  if (mkdir(folder.c_str(), 0755) == 0 || errno == EEXIST) return {};
  return failure(ErrorCode::kSystem,
                 fmt::format("cannot make folder {}: {}", folder, std::strerror(errno)));
}

std::string_view list_text(std::string_view list, Arena& arena) {
  char* const text = arena.allocate(list.size() + 1);
  std::ranges::replace_copy(list, text, '\0', ' ');
  return {text, list.empty() ? 0 : list.size() - 1};
}

}  // namespace

Observation::Observation(const ObservationOptions& options)
    : options_(options), reader_(options.limits), rules_(deviation_rules(options.profile)) {
  if (!options.usage.empty()) usage_.emplace();
  if (options.learn) learner_.emplace();
}

Result<std::unique_ptr<Observation>> Observation::create(const ObservationOptions& options) {
  std::unique_ptr<Observation> observation(new Observation(options));
  if (!options.learn && !options.profile.empty()) {
    TRY(const std::string text, read_file(options.profile, kProfileBytesMax));
    Limits limits = options.limits;
    limits.values_max = kProfileNodesMax;
    TRY(observe::Profile profile, observe::read_profile(text, options.profile, limits));
    observation->checker_.emplace(std::move(profile));
  }
  return observation;
}

void Observation::ask(Interest& interest) const {
  const bool profiles = learner_ || checker_;
  for (const std::string_view name : kCalls) {
    const formats::kernel::SystemCall* const call = formats::kernel::find_call(name);
    if (call == nullptr || (!profiles && !only_opens(name))) continue;
    const auto place =
        std::ranges::lower_bound(interest.calls, call->number, {}, &Interest::Call::number);
    if (place != interest.calls.end() && place->number == call->number) {
      place->successes = true;
    } else {
      interest.calls.insert(place, {call->number, true, false});
    }
  }
  // What is read is what is used.
  if (usage_) interest.reads.everything = true;
  if (!profiles) return;
  interest.dns = true;
  // Each system call of the machine costs a look then, so only where it is compared.
  interest.calls_seen =
      learner_ || std::ranges::any_of(checker_->profile().images, [](const auto& image) {
        return image.second.system_calls_known;
      });
}

void Observation::see(const event::Batch& batch, BatchResult& result) {
  reader_.read(batch, [&](const observe::Sighting& sighting) {
    if (usage_) usage_->see(sighting);
    if (learner_) learner_->see(sighting);
    if (!checker_) return;
    checker_->look(sighting, [&](const observe::Deviation& deviation) {
      add_alert(sighting, deviation, batch, result);
    });
  });
}

void Observation::add_alert(const observe::Sighting& sighting, const observe::Deviation& deviation,
                            const event::Batch& batch, BatchResult& result) {
  Arena& arena = result.arena;
  const auto keep = [&arena](std::string_view text) { return arena.copy(text); };
  event::Alert alert;
  alert.rule = &rules_[static_cast<std::size_t>(deviation.kind)];
  alert.has_time = true;
  alert.time = sighting.time;
  alert.input = batch.input->name;
  alert.record = sighting.record;
  alert.offset = sighting.offset;
  const std::string_view value = keep(deviation.value);
  const std::string_view nearest = deviation.nearest.empty() ? "none" : keep(deviation.nearest);
  const std::string_view image = keep(sighting.image);
  const auto role = [&alert](event::Role which, std::string_view text) {
    alert.roles[static_cast<std::size_t>(which)] = text;
  };
  role(event::Role::kHost, keep(reader_.state().hostname()));
  if (sighting.container != nullptr) {
    const formats::kernel::Container& in = *sighting.container;
    role(event::Role::kContainer, keep(in.name.empty() ? in.id : in.name));
    role(event::Role::kPod, keep(in.pod));
  }
  role(event::Role::kTarget, value);
  role(event::Role::kAction, keep(sighting.action));
  std::string_view pid;
  std::string_view program;
  std::string_view command_line;
  if (const formats::kernel::Process* const process = sighting.process) {
    pid = keep(std::to_string(process->pid));
    program = keep(process->exe_path);
    command_line = list_text(process->arguments, arena);
    role(event::Role::kUser,
         keep(reader_.state().user_name(process->credentials.uid, sighting.container)));
    role(event::Role::kParent, keep(sighting.parent));
  }
  role(event::Role::kProcess, program);
  role(event::Role::kProcessId, pid);
  role(event::Role::kCommandLine, command_line);
  const bool host = sighting.container == nullptr;
  const auto values = std::to_array<std::string_view>(
      {value, nearest, image, host ? "host" : keep(sighting.container->id.substr(0, 12)),
       host ? "host" : keep(sighting.container->name), program, pid, command_line,
       alert.role(event::Role::kAction)});
  const std::span<event::AlertField> fields = arena.make_array<event::AlertField>(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) fields[i] = {deviation_fields()[i], values[i]};
  alert.event = fields;
  alert.output_fields = fields;
  const std::span<event::MatchedField> matched = arena.make_array<event::MatchedField>(1);
  matched[0] = {"profile", "profile.value", value,
                keep(fmt::format("not in the profile of {}; nearest known: {}", image, nearest))};
  alert.matched = matched;
  result.observed.push_back(alert);
}

Result<void> Observation::finish() {
  if (usage_) TRY_VOID(write_usage());
  if (checker_ && checker_->untold() > 0) {
    remarks_.push_back(fmt::format("{} deviations were not told: of an image at most {} are",
                                   checker_->untold(), observe::Checker::kToldMax));
  }
  if (!learner_) return {};
  const observe::Profile profile = learner_->profile(reader_.lost());
  if (!options_.profile.empty()) {
    TRY_VOID(write_file_whole(options_.profile, observe::to_yaml(profile)));
  }
  if (!options_.seccomp.empty()) TRY_VOID(write_seccomp(profile));
  if (!options_.network_policy.empty()) TRY_VOID(write_policies(profile));
  return {};
}

Result<void> Observation::write_usage() const {
  const auto open_root = [this](const std::string&, const observe::Usage::Image& image) {
    // The number may belong to another one by now.
    const bool lives = reader_.state().find(image.pid, image.started) != nullptr;
    return lives ? open_image_root(image.pid) : nullptr;
  };
  return write_file_whole(
      options_.usage,
      usage_->to_json(reader_.lost(), options_.live ? open_root : observe::Usage::OpenRoot()));
}

Result<void> Observation::write_seccomp(const observe::Profile& profile) {
  TRY_VOID(make_folder(options_.seccomp));
  for (const auto& [image, name] : observe::image_names(profile)) {
    const observe::ImageProfile& learned = profile.images.at(image);
    if (!learned.system_calls_known) {
      remarks_.push_back("no seccomp profile of " + image + ": its system calls were not observed");
      continue;
    }
    TRY_VOID(write_file_whole(options_.seccomp + "/" + name + ".json",
                              observe::seccomp_profile(learned)));
  }
  return {};
}

Result<void> Observation::write_policies(const observe::Profile& profile) const {
  TRY_VOID(make_folder(options_.network_policy));
  for (const auto& [image, name] : observe::image_names(profile)) {
    TRY_VOID(write_file_whole(options_.network_policy + "/" + name + ".yaml",
                              observe::network_policy(image, name, profile.images.at(image))));
  }
  return {};
}

}  // namespace vedette::engine
