internal import Glibc

/// What this process uses of the machine.
package struct ProcessUsage: Sendable {
    /// Resident memory in bytes.
    package var residentBytes: UInt64
    /// Processor time of all threads so far, in nanoseconds.
    package var cpuNanoseconds: UInt64

    /// Reads both from the kernel; zeros where it does not tell.
    package static func read() -> ProcessUsage {
        var resident: UInt64 = 0
        let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        if file >= 0 {
            var buffer = [UInt8](repeating: 0, count: 128)
            let count = Glibc.read(file, &buffer, buffer.count)
            close(file)
            let fields = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
            if fields.count > 1, let pages = UInt64(fields[1]) { resident = pages * UInt64(sysconf(Int32(_SC_PAGESIZE))) }
        }
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return ProcessUsage(
            residentBytes: resident, cpuNanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }
}
