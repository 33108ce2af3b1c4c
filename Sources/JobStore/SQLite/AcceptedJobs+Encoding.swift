import Coordination

/// The answer to a submission as bytes: runs of jobs with consecutive ids and the same flag, each run as three numbers of
/// seven bits a byte (first id, count, flag). A farm of thousands of new jobs takes a few bytes.
enum AcceptedJobsCoding {
    static func encode(_ jobs: [AcceptedJob]) -> [UInt8] {
        var bytes: [UInt8] = []
        var start = 0
        while start < jobs.count {
            var end = start + 1
            while end < jobs.count, jobs[end].isExisting == jobs[start].isExisting,
                jobs[end].id.rawValue == jobs[end - 1].id.rawValue &+ 1
            {
                end += 1
            }
            Varint.append(UInt64(bitPattern: jobs[start].id.rawValue), to: &bytes)
            Varint.append(UInt64(end - start), to: &bytes)
            Varint.append(jobs[start].isExisting ? UInt64(1) : 0, to: &bytes)
            start = end
        }
        return bytes
    }

    static func decode(_ bytes: [UInt8]) throws(SQLFault) -> [AcceptedJob] {
        var rest = bytes[...]
        var jobs: [AcceptedJob] = []
        while !rest.isEmpty {
            guard let first = Varint.take(&rest), let count = Varint.take(&rest), let flag = Varint.take(&rest),
                count <= 10_000_000
            else {
                throw SQLFault(damaged: "the answer to a submission cannot be read")
            }
            let id = Int64(bitPattern: first)
            for offset in 0..<Int64(count) { jobs.append(AcceptedJob(id: JobID(id &+ offset), isExisting: flag != 0)) }
        }
        return jobs
    }
}
