// SPDX-License-Identifier: Apache-2.0
#include "observe/network_policy.h"

#include <map>
#include <set>
#include <utility>

#include "base/json_writer.h"

namespace vedette::observe {
namespace {

std::string in_quotes(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

bool is_loopback(std::string_view address) {
  return address == "::1" || address.starts_with("127.");
}

std::string upper_protocol(std::string_view protocol) { return protocol == "tcp" ? "TCP" : "UDP"; }

void append_port(std::string_view protocol, std::string_view port, std::string& out) {
  out.append("        - protocol: ").append(upper_protocol(protocol)).append("\n");
  out.append("          port: ").append(port).append("\n");
}

void append_ingress(const ImageProfile& profile, std::string& out) {
  std::string ports;
  for (const std::string& listen : profile.listens) {
    const std::string_view port = std::string_view(listen).substr(4);
    if (port != "ephemeral") append_port(listen.substr(0, 3), port, ports);
  }
  // An empty list lets nothing in.
  out += ports.empty() ? "  ingress: []\n" : "  ingress:\n    - ports:\n" + ports;
}

void append_egress(const ImageProfile& profile, std::string& out) {
  // Address to names and ports; "*" for any.
  struct End {
    std::set<std::string> names;
    std::set<std::pair<std::string, std::uint16_t>> ports;
  };
  std::map<std::string, End> ends;
  for (const Destination& destination : profile.destinations) {
    if (is_loopback(destination.address)) continue;
    End& end = ends[destination.address];
    if (!destination.name.empty()) end.names.insert(destination.name);
    end.ports.emplace(destination.protocol, destination.port);
  }
  out += ends.empty() ? "  egress: []\n" : "  egress:\n";
  for (const auto& [address, end] : ends) {
    std::string_view lead = "    - ";
    if (address != "*") {
      const bool six = address.find(':') != std::string::npos;
      out.append("    - to:\n        - ipBlock:\n            cidr: ");
      out.append(in_quotes(address + (six ? "/128" : "/32"))).append("\n");
      for (const std::string& name : end.names)
        out.append("            # ").append(name).append("\n");
      lead = "      ";
    }
    out.append(lead).append("ports:\n");
    for (const auto& [protocol, port] : end.ports) append_port(protocol, std::to_string(port), out);
  }
}

}  // namespace

std::string network_policy(const std::string& image, std::string_view name,
                           const ImageProfile& profile) {
  std::string out = "# " + image + "\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n";
  out.append("metadata:\n  name: ").append(in_quotes(name)).append("\n");
  if (!profile.pod_namespace.empty()) {
    out.append("  namespace: ").append(in_quotes(profile.pod_namespace)).append("\n");
  }
  out += "spec:\n  podSelector:\n    matchLabels:\n";
  if (profile.labels.empty()) {
    out += "      # The containers had no labels: give this one to the pods, or write theirs.\n";
    out.append("      vedette.image: ").append(in_quotes(name)).append("\n");
  }
  for (const auto& [key, value] : profile.labels) {
    out.append("      ").append(in_quotes(key)).append(": ").append(in_quotes(value)).append("\n");
  }
  out += "  policyTypes: [Ingress, Egress]\n";
  append_ingress(profile, out);
  append_egress(profile, out);
  return out;
}

}  // namespace vedette::observe
