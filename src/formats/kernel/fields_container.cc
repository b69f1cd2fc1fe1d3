// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "formats/kernel/fields.h"

namespace vedette::formats::kernel {
namespace {

using Argument = FieldRow::Argument;
using Context = FieldContext;

constexpr std::size_t kShortIdBytes = 12;

// "docker.io/library/nginx:1.27@sha256:…" in parts.
struct Image {
  std::string_view repository;
  std::string_view tag;
  std::string_view digest;
};

Image split_image(std::string_view reference) {
  Image image;
  const std::size_t at = reference.find('@');
  if (at != std::string_view::npos) image.digest = reference.substr(at + 1);
  reference = reference.substr(0, at);
  const std::size_t colon = reference.rfind(':');
  const bool is_tag =
      colon != std::string_view::npos && reference.find('/', colon) == std::string_view::npos;
  image.repository = reference.substr(0, is_tag ? colon : reference.size());
  if (is_tag) image.tag = reference.substr(colon + 1);
  return image;
}

std::string_view label(const Container& container, std::string_view name) {
  for (const std::string& text : container.labels) {
    const std::string_view pair = text;
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
  }
  return {};
}

// source:destination:mode:rw:propagation
std::string_view mount_part(std::string_view mount, std::size_t part) {
  for (; part > 0; --part) {
    const std::size_t colon = mount.find(':');
    if (colon == std::string_view::npos) return {};
    mount.remove_prefix(colon + 1);
  }
  return mount.substr(0, mount.find(':'));
}

// Whether a pattern of shell wildcards matches the whole text.
bool wildcard(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// container.mount.PART[number or pattern]: of the mount chosen by its source or its destination.
template <std::size_t part, std::size_t chosen_by>
void mount(const Context& context, FieldValues& out) {
  if (context.container == nullptr) return;
  const auto& mounts = context.container->mounts;
  if (context.index >= 0) {
    const auto index = static_cast<std::size_t>(context.index);
    if (index < mounts.size()) out.known(mount_part(mounts[index], part));
    return;
  }
  for (const std::string& each : mounts) {
    if (wildcard(context.argument, mount_part(each, chosen_by))) {
      return out.known(mount_part(each, part));
    }
  }
}

void all_mounts(const Context& context, FieldValues& out) {
  if (context.container == nullptr) return;
  std::string joined;
  for (const std::string& each : context.container->mounts) {
    if (!joined.empty()) joined += ',';
    joined += each;
  }
  out.known(context.arena.copy(joined));
}

template <auto get>
void of_container(const Context& context, FieldValues& out) {
  if (context.container != nullptr) out.known(get(*context.container));
}

std::string_view short_id(const Container& container) {
  const std::string_view id = container.id;
  return id.size() == 64 ? id.substr(0, kShortIdBytes) : id;
}
std::string_view full_id(const Container& container) { return container.id; }
std::string_view name(const Container& container) { return container.name; }
std::string_view image(const Container& container) { return container.image; }
std::string_view image_id(const Container& container) { return container.image_id; }
std::string_view repository(const Container& container) {
  return split_image(container.image).repository;
}
std::string_view tag(const Container& container) { return split_image(container.image).tag; }
std::string_view digest(const Container& container) {
  return container.image_digest.empty() ? split_image(container.image).digest
                                        : std::string_view(container.image_digest);
}
std::string_view runtime(const Container& container) { return container.runtime; }
std::string_view pod_name(const Container& container) { return container.pod; }
std::string_view pod_uid(const Container& container) { return container.pod_uid; }
std::string_view pod_namespace(const Container& container) { return container.pod_namespace; }

constexpr auto kContainerFields = std::to_array<FieldRow>({
    {"container.id", Argument::kNone, true,
     [](const Context& context, FieldValues& out) {
       out.text(context.container == nullptr ? std::string_view("host")
                                             : short_id(*context.container));
     }},
    {"container.full_id", Argument::kNone, true, of_container<full_id>},
    {"container.name", Argument::kNone, true,
     [](const Context& context, FieldValues& out) {
       out.known(context.container == nullptr ? std::string_view("host")
                                              : name(*context.container));
     }},
    {"container.type", Argument::kNone, true,
     [](const Context& context, FieldValues& out) {
       out.known(context.container == nullptr ? std::string_view("host")
                                              : runtime(*context.container));
     }},
    {"container.image", Argument::kNone, true, of_container<image>},
    {"container.image.id", Argument::kNone, true, of_container<image_id>},
    {"container.image.repository", Argument::kNone, true, of_container<repository>},
    {"container.image.tag", Argument::kNone, true, of_container<tag>},
    {"container.image.digest", Argument::kNone, true, of_container<digest>},
    {"container.privileged", Argument::kNone, true,
     [](const Context& context, FieldValues& out) {
       if (context.container != nullptr && context.container->complete) {
         out.boolean(context.container->privileged);
       }
     }},
    {"container.mounts", Argument::kNone, true, all_mounts},
    {"container.mount", Argument::kKey, true, mount<0, 0>},
    {"container.mount.source", Argument::kKey, true, mount<0, 1>},
    {"container.mount.dest", Argument::kKey, true, mount<1, 0>},
    {"container.mount.mode", Argument::kKey, true, mount<2, 0>},
    {"container.mount.rdwr", Argument::kKey, true, mount<3, 0>},
    {"container.mount.propagation", Argument::kKey, true, mount<4, 0>},
    {"container.label", Argument::kKey, true,
     [](const Context& context, FieldValues& out) {
       if (context.container != nullptr) out.known(label(*context.container, context.argument));
     }},
    {"container.label.", Argument::kKey, true,
     [](const Context& context, FieldValues& out) {
       if (context.container != nullptr) out.known(label(*context.container, context.argument));
     }},
    {"container.start_ts", Argument::kNone, true,
     [](const Context& context, FieldValues& out) {
       if (context.container != nullptr && context.container->created != 0) {
         out.number(context.container->created);
       }
     }},
    {"container.duration", Argument::kNone, false,
     [](const Context& context, FieldValues& out) {
       if (context.container == nullptr) return;
       const std::int64_t now = context.state.to_time(context.record.header().time);
       if (now > context.container->created && context.container->created > 0) {
         out.number(now - context.container->created);
       }
     }},
    {"k8s.pod.name", Argument::kNone, true, of_container<pod_name>},
    {"k8s.pod.uid", Argument::kNone, true, of_container<pod_uid>},
    {"k8s.pod.id", Argument::kNone, true, of_container<pod_uid>},
    {"k8s.ns.name", Argument::kNone, true, of_container<pod_namespace>},
    {"k8s.pod.label", Argument::kKey, true,
     [](const Context& context, FieldValues& out) {
       if (context.container != nullptr) out.known(label(*context.container, context.argument));
     }},
    {"k8s.pod.label.", Argument::kKey, true,
     [](const Context& context, FieldValues& out) {
       if (context.container != nullptr) out.known(label(*context.container, context.argument));
     }},
});

}  // namespace

std::span<const FieldRow> container_fields() { return kContainerFields; }

}  // namespace vedette::formats::kernel
