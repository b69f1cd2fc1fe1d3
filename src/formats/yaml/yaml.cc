// SPDX-License-Identifier: Apache-2.0
#include "formats/yaml/yaml.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <map>
#include <set>
#include <yaml.h>

#include "base/arena.h"

namespace vedette::formats::yaml {

namespace {

// Up to this many members a merge compares keys one by one; beyond, it builds a set.
constexpr std::size_t kLinearMembersMax = 16;

std::string_view view_of(const yaml_char_t* text) {
  return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}

// A libyaml event that frees itself.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { clear(); }

  bool next(yaml_parser_t& parser) {
    clear();
    held_ = yaml_parser_parse(&parser, &event_) != 0;
    return held_;
  }
  const yaml_event_t& get() const { return event_; }

 private:
  void clear() {
    if (held_) yaml_event_delete(&event_);
    held_ = false;
  }
  yaml_event_t event_{};
  bool held_ = false;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : ready_(yaml_parser_initialize(&parser_) != 0) {
    if (!ready_) return;
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  ~Parser() {
    if (ready_) yaml_parser_delete(&parser_);
  }
  bool ready() const { return ready_; }
  yaml_parser_t& get() { return parser_; }

 private:
  yaml_parser_t parser_{};
  bool ready_;
};

bool is_merge_key(const Node& key) {
  return key.kind == NodeKind::kScalar && key.plain && key.text == "<<";
}

}  // namespace

// Builds the trees from the event stream: a stack of open collections over one stack of finished
// nodes, whose tail moves into the arena when its collection closes.
class Builder {
 public:
  Builder(std::string_view text, const Limits& limits)
      : parser_(text),
        limits_(limits),
        arena_(std::make_shared<Arena>(std::clamp<std::size_t>(text.size() * 4, 4096, 65536))) {}

  Result<Document> run() {
    Document document;
    if (!parser_.ready()) return failure(ErrorCode::kSystem, "no memory for the YAML parser");
    while (true) {
      if (!event_.next(parser_.get())) {
        report_parser_error(document);
        break;
      }
      const yaml_event_type_t type = event_.get().type;
      if (type == YAML_STREAM_END_EVENT) break;
      if (type == YAML_DOCUMENT_START_EVENT) start_document();
      if (type == YAML_DOCUMENT_END_EVENT && finished_.size() == 1) {
        document.roots_.push_back(finished_.front());
      }
      const Result<bool> go_on = take(type, document);
      if (!go_on) refuse(document, go_on.error().message);
      if (!go_on || !*go_on) break;
    }
    document.storage_ = std::move(arena_);
    return document;
  }

 private:
  struct Open {
    Node* node = nullptr;
    std::size_t first = 0;  // its children start here in finished_
    std::string_view anchor;
    bool merges = false;
    std::size_t height = 0;  // levels of collections below
  };
  // What an alias stands for; no node while its collection is still open: an alias inside would be
  // a cycle.
  struct Anchor {
    const Node* node = nullptr;
    std::size_t height = 0;
  };

  void start_document() {
    finished_.clear();
    open_.clear();
    anchors_.clear();
    document_nodes_ = 0;
  }

  // False: a syntax error was reported; an Error is a limit. Both end the reading.
  Result<bool> take(yaml_event_type_t type, Document& document) {
    switch (type) {
      case YAML_SCALAR_EVENT:
        return scalar(document);
      case YAML_SEQUENCE_START_EVENT:
        return begin(NodeKind::kSequence, event_.get().data.sequence_start.anchor,
                     event_.get().data.sequence_start.tag, document);
      case YAML_MAPPING_START_EVENT:
        return begin(NodeKind::kMapping, event_.get().data.mapping_start.anchor,
                     event_.get().data.mapping_start.tag, document);
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        return end(document);
      case YAML_ALIAS_EVENT:
        return alias(document);
      default:
        return true;
    }
  }

  Result<Node*> make_node(NodeKind kind) {
    TRY_VOID(count_nodes(1));
    Node* node = arena_->make_array<Node>(1).data();
    const yaml_mark_t& mark = event_.get().start_mark;
    node->kind = kind;
    node->line = static_cast<std::uint32_t>(mark.line + 1);
    node->column = static_cast<std::uint32_t>(mark.column + 1);
    return node;
  }

  Result<void> count_nodes(std::size_t count) {
    document_nodes_ += count;
    file_nodes_ += count;
    if (document_nodes_ > limits_.values_max ||
        file_nodes_ / kFileNodesFactor > limits_.values_max) {
      return failure(
          ErrorCode::kLimit,
          fmt::format("more than {} values in one YAML {}; split it",
                      document_nodes_ > limits_.values_max ? limits_.values_max
                                                           : limits_.values_max * kFileNodesFactor,
                      document_nodes_ > limits_.values_max ? "document" : "file"));
    }
    return {};
  }

  Result<bool> scalar(Document& document) {
    const auto& data = event_.get().data.scalar;
    TRY(Node* const node, make_node(NodeKind::kScalar));
    node->text = arena_->copy({reinterpret_cast<const char*>(data.value), data.length});
    node->plain = data.style == YAML_PLAIN_SCALAR_STYLE;
    if (data.tag != nullptr && !apply_tag(view_of(data.tag), *node)) {
      return refuse(document, fmt::format("the tag {} is not supported", view_of(data.tag)));
    }
    if (data.anchor != nullptr) anchors_[arena_->copy(view_of(data.anchor))] = {node, 0};
    finish(node, 0);
    return true;
  }

  // The core tags decide a scalar's type in place of its text; others would need code to load.
  static bool apply_tag(std::string_view tag, Node& node) {
    if (tag == YAML_STR_TAG || tag == "!") {
      node.plain = false;
      return true;
    }
    if (tag == YAML_INT_TAG || tag == YAML_FLOAT_TAG || tag == YAML_BOOL_TAG ||
        tag == YAML_NULL_TAG || tag == YAML_TIMESTAMP_TAG) {
      node.plain = true;
      return true;
    }
    return false;
  }

  Result<bool> begin(NodeKind kind, const yaml_char_t* anchor, const yaml_char_t* tag,
                     Document& document) {
    if (tag != nullptr && view_of(tag) != "!" && view_of(tag) != YAML_SEQ_TAG &&
        view_of(tag) != YAML_MAP_TAG) {
      return refuse(document, fmt::format("the tag {} is not supported", view_of(tag)));
    }
    if (open_.size() >= limits_.depth_max) {
      return failure(ErrorCode::kLimit,
                     fmt::format("nested deeper than {} levels", limits_.depth_max));
    }
    TRY(Node* const node, make_node(kind));
    Open open{.node = node, .first = finished_.size(), .anchor = {}, .merges = false, .height = 0};
    if (anchor != nullptr) {
      open.anchor = arena_->copy(view_of(anchor));
      anchors_[open.anchor] = {};
    }
    open_.push_back(open);
    return true;
  }

  Result<bool> end(Document& document) {
    const Open open = open_.back();
    open_.pop_back();
    const std::span<const Node* const> children(finished_.data() + open.first,
                                                finished_.size() - open.first);
    if (open.node->kind == NodeKind::kSequence) {
      const auto elements = arena_->make_array<const Node*>(children.size());
      std::ranges::copy(children, elements.begin());
      open.node->elements = elements;
    } else if (open.merges) {
      TRY(const bool merged, merge(*open.node, children, document));
      if (!merged) return false;
    } else {
      const auto members = arena_->make_array<Member>(children.size() / 2);
      for (std::size_t i = 0; i < members.size(); ++i) {
        members[i] = {children[2 * i], children[2 * i + 1]};
      }
      open.node->members = members;
    }
    finished_.resize(open.first);
    if (!open.anchor.empty()) anchors_[open.anchor] = {open.node, open.height + 1};
    finish(open.node, open.height + 1);
    return true;
  }

  Result<bool> alias(Document& document) {
    const std::string_view name = view_of(event_.get().data.alias.anchor);
    const auto found = anchors_.find(name);
    if (found == anchors_.end()) {
      return refuse(document, fmt::format("the alias *{} has no anchor before it", name));
    }
    if (found->second.node == nullptr) {
      return refuse(document, fmt::format("the alias *{} stands inside its own anchor", name));
    }
    TRY_VOID(count_nodes(1));
    TRY_VOID(check_depth(open_.size() + found->second.height));
    finish(found->second.node, found->second.height);
    return true;
  }

  // Depth counts through aliases, so that whoever walks the graph may recurse.
  Result<void> check_depth(std::size_t depth) const {
    if (depth <= limits_.depth_max) return {};
    return failure(ErrorCode::kLimit,
                   fmt::format("nested deeper than {} levels", limits_.depth_max));
  }

  void finish(const Node* node, std::size_t height) {
    if (!open_.empty()) {
      Open& parent = open_.back();
      parent.height = std::max(parent.height, height);
      const bool is_key =
          parent.node->kind == NodeKind::kMapping && (finished_.size() - parent.first) % 2 == 0;
      if (is_key && is_merge_key(*node)) parent.merges = true;
    }
    finished_.push_back(node);
  }

  // YAML's merge key: own members first, then those of the merged mappings whose keys are new.
  Result<bool> merge(Node& node, std::span<const Node* const> children, Document& document) {
    std::vector<Member> members;
    for (std::size_t i = 0; i + 1 < children.size(); i += 2) {
      if (!is_merge_key(*children[i])) members.push_back({children[i], children[i + 1]});
    }
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i + 1 < children.size(); i += 2) {
      if (!is_merge_key(*children[i])) continue;
      const Node& value = *children[i + 1];
      const Node* const single = &value;
      const std::span<const Node* const> sources =
          value.kind == NodeKind::kSequence ? value.elements : std::span(&single, 1);
      for (const Node* source : sources) {
        if (source->kind != NodeKind::kMapping) {
          return refuse(document, "a merge key (<<) needs a mapping or a list of mappings");
        }
        TRY_VOID(count_nodes(source->members.size()));
        add_new_members(*source, members, seen);
      }
    }
    const auto stored = arena_->make_array<Member>(members.size());
    std::ranges::copy(members, stored.begin());
    node.members = stored;
    return true;
  }

  static void add_new_members(const Node& source, std::vector<Member>& members,
                              std::set<std::string_view>& seen) {
    const std::size_t own = members.size();
    const bool indexed = own > kLinearMembersMax || source.members.size() > kLinearMembersMax;
    if (indexed) {
      for (const Member& member : members) seen.insert(member.key->text);
    }
    for (const Member& member : source.members) {
      const std::string_view key = member.key->text;
      const bool known =
          member.key->kind == NodeKind::kScalar &&
          (indexed ? seen.contains(key)
                   : std::ranges::any_of(std::span(members).first(own), [&](const Member& other) {
                       return other.key->kind == NodeKind::kScalar && other.key->text == key;
                     }));
      if (!known) members.push_back(member);
    }
  }

  bool refuse(Document& document, std::string message) const {
    const yaml_mark_t& mark = event_.get().start_mark;
    document.errors_.push_back({static_cast<std::uint32_t>(mark.line + 1),
                                static_cast<std::uint32_t>(mark.column + 1), std::move(message)});
    return false;
  }

  void report_parser_error(Document& document) {
    const yaml_parser_t& parser = parser_.get();
    // The reader (encoding, control characters) gives no mark of its own.
    const bool reader = parser.error == YAML_READER_ERROR;
    const yaml_mark_t& mark = reader ? parser.mark : parser.problem_mark;
    std::string message = parser.problem != nullptr ? parser.problem : "the YAML is not readable";
    if (parser.error == YAML_MEMORY_ERROR) message = "no memory for the YAML parser";
    if (parser.context != nullptr) message = fmt::format("{} {}", message, parser.context);
    if (reader) message = fmt::format("{} (byte {})", message, parser.problem_offset);
    document.errors_.push_back({static_cast<std::uint32_t>(mark.line + 1),
                                static_cast<std::uint32_t>(mark.column + 1), std::move(message)});
  }

  Parser parser_;
  Event event_;
  const Limits& limits_;  // the caller's, during parse()
  std::shared_ptr<Arena> arena_;
  std::vector<const Node*> finished_;
  std::vector<Open> open_;
  std::map<std::string_view, Anchor, std::less<>> anchors_;
  std::size_t document_nodes_ = 0;
  std::size_t file_nodes_ = 0;
};

const Node* Node::find(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key->kind == NodeKind::kScalar && member.key->text == key) return member.value;
  }
  return nullptr;
}

Result<Document> Document::parse(std::string_view text, const Limits& limits) {
  return Builder(text, limits).run();
}

}  // namespace vedette::formats::yaml
