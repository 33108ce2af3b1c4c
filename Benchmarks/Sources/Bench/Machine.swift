import Foundation

/// What the kernel says about the machine and its processes.
enum Machine {
    /// Seconds of a clock that never jumps.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    static var load: String { text("/proc/loadavg").split(separator: " ").prefix(3).joined(separator: " ") }

    /// Seconds of all processors since the machine started: those that worked, and those in which the host of a virtual machine let others work
    /// although this one wanted to.
    static var processors: (worked: Double, stolen: Double) {
        // cpu  user nice system idle iowait irq softirq steal
        let fields = text("/proc/stat").prefix { $0 != "\n" }.split(separator: " ").dropFirst().map { Double($0) ?? 0 }
        guard fields.count >= 8 else { return (.nan, .nan) }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        return ((fields[0] + fields[1] + fields[2] + fields[5] + fields[6]) / ticks, fields[7] / ticks)
    }

    /// Mebibytes that a process has in memory.
    static func resident(_ process: pid_t) -> Double {
        for line in text("/proc/\(process)/status").split(separator: "\n") where line.hasPrefix("VmRSS:") {
            return (line.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? .nan) / 1024
        }
        return .nan
    }

    /// What of a process's memory is nobody else's, in mebibytes: pages that it has written or made, not those of its file.
    static func own(_ process: pid_t) -> Double {
        let lines = text("/proc/\(process)/smaps_rollup").split(separator: "\n")
        let parts = lines.filter { $0.hasPrefix("Private_Dirty:") || $0.hasPrefix("Swap:") }
        return parts.compactMap { $0.split(separator: " ").dropFirst().first.flatMap { Double($0) } }.reduce(0, +) / 1024
    }

    /// The words that a process was started with.
    static func arguments(_ process: pid_t) -> [String] {
        text("/proc/\(process)/cmdline").split(separator: "\0").map(String.init)
    }

    /// Processor seconds that a process has used, its own and the kernel's for it.
    static func processorTime(_ process: pid_t) -> Double {
        let fields = statistics(process)
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return .nan }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// A process and all that descend from it.
    static func family(_ process: pid_t) -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        var children: [pid_t: [pid_t]] = [:]
        for id in names.compactMap({ pid_t($0) }) {
            if let parent = statistics(id).dropFirst().first.flatMap({ pid_t($0) }) { children[parent, default: []].append(id) }
        }
        var found: [pid_t] = []
        var open = [process]
        while let next = open.popLast() {
            found.append(next)
            open += children[next] ?? []
        }
        return found
    }

    /// Lets this process have as many files open as the system allows it.
    static func openManyFiles() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// The fields of `/proc/PID/stat` from the third (the state) on; the second may contain anything.
    private static func statistics(_ process: pid_t) -> [Substring] {
        let all = text("/proc/\(process)/stat")
        guard let end = all.lastIndex(of: ")") else { return [] }
        return all[all.index(after: end)...].split(separator: " ")
    }

    private static func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}
