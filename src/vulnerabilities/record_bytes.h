// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "vulnerabilities/blob.h"
#include "vulnerabilities/record.h"

// Each kind of record to bytes and back. Whoever reads asks BlobReader::ok().
namespace vedette::vulnerabilities {

void write(const Vulnerability& record, BlobWriter& blob);
void write(const AdvisoryRecord& record, BlobWriter& blob);
void write(const AffectedRecord& record, BlobWriter& blob);
void write(const DatabaseSummary& record, BlobWriter& blob);

Vulnerability read_vulnerability(BlobReader& blob);
AdvisoryRecord read_advisory(BlobReader& blob);
AffectedRecord read_affected(BlobReader& blob);
DatabaseSummary read_summary(BlobReader& blob);

}  // namespace vedette::vulnerabilities
