// SPDX-License-Identifier: Apache-2.0
#pragma once

// A record is built in memory of the CPU it is built on, then copied into the ring buffer whole. A
// put_… function adds one field, or sets VEDETTE_FLAG_CUT when there is no room for it.

#include "sensor/bpf/kernel_types.h"
// Those need the integer types of that one.
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "formats/kernel/record_layout.h"
#include "sensor/bpf/settings.h"

const volatile struct vedette_settings settings SEC(".rodata.settings");
struct vedette_filter filter SEC(".data.filter");

// Bytes that one put_ function may write, apart from the field's header.
#define PUT_MAX 0x1000
#define RECORD_MASK 0xFFFF
#define PATH_ROOM 0x1000
#define STAGING_ROOM 2048

struct scratch {
  __u32 busy;
  __u32 used;
  __u64 arguments[8];
  __u8 staging[STAGING_ROOM];    // of what is being looked at
  __u8 path[PATH_ROOM + 0x100];  // written from its end towards its start
  __u8 record[RECORD_MASK + 1 + PUT_MAX + 64];
};

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 8 << 20);
} ring SEC(".maps");

// One for each CPU, and one more for iterators. (Per-CPU maps have a bound of 32 KiB a value.)
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct scratch);
} scratches SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct vedette_counters);
} counters SEC(".maps");

static __always_inline struct vedette_record* header_of(struct scratch* s) {
  return (struct vedette_record*)s->record;
}

static __always_inline bool wanted_kind(__u32 kind) { return filter.kinds >> kind & 1; }

static __always_inline struct vedette_counters* own_counters(void) {
  __u32 zero = 0;
  return bpf_map_lookup_elem(&counters, &zero);
}

// The memory of this CPU; null when a program that was interrupted on it is using it, which costs
// this record and is counted.
static __always_inline struct scratch* claim_scratch(__u32 kind) {
  __u32 cpu = bpf_get_smp_processor_id();
  struct scratch* s = bpf_map_lookup_elem(&scratches, &cpu);
  if (!s) return 0;
  if (s->busy) {
    struct vedette_counters* count = own_counters();
    if (count && kind < VEDETTE_KINDS) {
      count->produced[kind]++;
      count->lost[kind]++;
    }
    return 0;
  }
  s->busy = 1;
  return s;
}

static __always_inline void cut(struct scratch* s) { header_of(s)->flags |= VEDETTE_FLAG_CUT; }

// Where a field of at most `size` bytes goes; null when the record has no room for it.
static __always_inline void* field_room(struct scratch* s, __u32 size) {
  __u32 used = s->used;
  if (used + sizeof(struct vedette_field) + size + 8 > VEDETTE_RECORD_SIZE_MAX) {
    cut(s);
    return 0;
  }
  return s->record + (used & RECORD_MASK);
}

static __always_inline void end_field(struct scratch* s, void* room, __u16 id, __u32 size) {
  struct vedette_field* field = room;
  field->id = id;
  field->size = size;
  s->used += sizeof(struct vedette_field) + ((size + 3) & ~3U);
}

// A field of fixed size (a multiple of 4), to be filled by the caller.
static __always_inline void* put_struct(struct scratch* s, __u16 id, __u32 size) {
  void* room = field_room(s, size);
  if (!room) return 0;
  end_field(s, room, id, size);
  return room + sizeof(struct vedette_field);
}

static __always_inline void put_u32(struct scratch* s, __u16 id, __u32 value) {
  __u32* to = put_struct(s, id, 4);
  if (to) *to = value;
}

static __always_inline void put_u64(struct scratch* s, __u16 id, __u64 value) {
  __u32* to = put_struct(s, id, 8);
  if (!to) return;
  to[0] = value;
  to[1] = value >> 32;
}

// Ends a text whose bytes are in place: zeros up to the next field.
static __always_inline void end_text(struct scratch* s, void* room, __u16 id, __u32 length) {
  length &= 2 * PUT_MAX - 1;
  if (length > PUT_MAX) return;
  *(__u32*)(room + sizeof(struct vedette_field) + length) = 0;
  end_field(s, room, id, length);
}

// The last byte of room tells a text that fills it from one that was cut.
static __always_inline void end_string(struct scratch* s, void* room, __u16 id, long read) {
  if (read <= 1) return;
  if (read == PUT_MAX) cut(s);
  end_text(s, room, id, read - 1);
}

// Memory that is not there now (the call failed before the kernel read it) marks the record as cut.
__noinline int put_user_string(struct scratch* s, __u32 id, __u64 address) {
  if (!s || !address) return 0;
  void* room = field_room(s, PUT_MAX);
  if (!room) return 0;
  long read =
      bpf_probe_read_user_str(room + sizeof(struct vedette_field), PUT_MAX, (const void*)address);
  if (read < 0) cut(s);
  end_string(s, room, id, read);
  return 0;
}

__noinline int put_kernel_string(struct scratch* s, __u32 id, __u64 address) {
  if (!s || !address) return 0;
  void* room = field_room(s, PUT_MAX);
  if (!room) return 0;
  end_string(s, room, id,
             bpf_probe_read_kernel_str(room + sizeof(struct vedette_field), PUT_MAX,
                                       (const void*)address));
  return 0;
}

__noinline int put_user_bytes(struct scratch* s, __u32 id, __u64 address, __u32 size) {
  if (!s || !address || !size) return 0;
  if (size > PUT_MAX) {
    size = PUT_MAX;
    cut(s);
  }
  void* room = field_room(s, PUT_MAX);
  if (!room) return 0;
  if (bpf_probe_read_user(room + sizeof(struct vedette_field), size, (const void*)address)) {
    return 0;
  }
  end_text(s, room, id, size);
  return 0;
}

// Bytes of user memory up to `size`, page by page: a page that is not there ends it. Lists longer
// than `most` are cut.
__noinline int put_user_range(struct scratch* s, __u32 id, __u64 address, __u32 size, __u32 most) {
  if (!s || !size || !address) return 0;
  if (size > most) {
    size = most;
    cut(s);
  }
  __u32 start = s->used;
  if (start + size + PUT_MAX + 16 > VEDETTE_RECORD_SIZE_MAX) {
    cut(s);
    return 0;
  }
  __u32 done = 0;
  for (int i = 0; i < 18; ++i) {
    __u64 some = PUT_MAX - (address & (PUT_MAX - 1));
    if (some > size - done) some = size - done;
    if (!some) break;
    // The compiler knows that this is so, the verifier wants to see it.
    asm volatile("" : "+r"(some));
    if (some > PUT_MAX) break;
    asm volatile("" : "+r"(some));
    void* to = s->record + ((start + sizeof(struct vedette_field) + done) & RECORD_MASK);
    if (bpf_probe_read_user(to, some, (const void*)address)) {
      cut(s);
      break;
    }
    done += some;
    address += some;
  }
  if (!done) return 0;
  *(__u32*)(s->record + ((start + sizeof(struct vedette_field) + done) & RECORD_MASK)) = 0;
  end_field(s, s->record + (start & RECORD_MASK), id, done);
  return 0;
}

// Hands the record over and frees the memory for the next one.
__noinline int submit(struct scratch* s) {
  if (!s) return 0;
  __u32 size = s->used;
  *(__u32*)(s->record + (size & RECORD_MASK)) = 0;
  size = (size + 7) & (RECORD_MASK & ~7U);
  struct vedette_record* header = header_of(s);
  __u16 kind = header->kind;
  header->size = size;
  struct vedette_counters* count = own_counters();
  if (!count || kind >= VEDETTE_KINDS) return 0;
  __u64 wake = BPF_RB_NO_WAKEUP;
  if (header->flags & VEDETTE_FLAG_URGENT ||
      bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) >= settings.wake_bytes) {
    wake = BPF_RB_FORCE_WAKEUP;
  }
  count->produced[kind]++;
  if (bpf_ringbuf_output(&ring, s->record, size, wake)) count->lost[kind]++;
  s->busy = 0;
  return 0;
}
