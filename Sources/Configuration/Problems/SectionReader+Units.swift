/// Values with units: durations, sizes, endpoints, paths.
extension SectionReader {
    /// A duration: `500ms`, `30s`, `5m`, `2h`, `10d`, or a number of seconds.
    package func duration(_ name: String, in range: ClosedRange<Duration>) -> Duration? {
        guard let member = member(name) else { return nil }
        guard let duration = Self.duration(member) else {
            add(.duration, name, "is no duration", remedy: "write a number with its unit: 500ms, 30s, 5m or 2h")
            return nil
        }
        if range.contains(duration) { return duration }
        add(
            .outOfRange, name, "is out of range",
            remedy: "write a duration from \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))")
        return nil
    }

    /// The duration that a value or a word of the command line means; nil for none.
    package static func duration(_ value: ConfigValue) -> Duration? {
        if let seconds = value.number?.value { return duration(seconds, unit: 1000) }
        guard let text = value.string else { return nil }
        // "ms" before "s": the longer unit first.
        for (unit, milliseconds) in [("ms", 1.0), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)]
        where text.hasSuffix(unit) {
            return Double(text.dropLast(unit.count)).flatMap { duration($0, unit: milliseconds) }
        }
        return nil
    }

    private static func duration(_ count: Double, unit: Double) -> Duration? {
        let milliseconds = count * unit
        guard milliseconds.isFinite, milliseconds >= 0, milliseconds < 1e15 else { return nil }
        return .microseconds(Int64((milliseconds * 1000).rounded()))
    }

    private static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        if attoseconds != 0 { return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)ms" }
        if seconds > 86_400, seconds % 86_400 == 0 { return "\(seconds / 86_400)d" }
        if seconds > 0, seconds % 3600 == 0 { return "\(seconds / 3600)h" }
        return "\(seconds)s"
    }

    /// A number of bytes: `64KiB`, `16MiB`, `2GiB`, `2GB` or a plain number.
    package func byteCount(_ name: String, in range: ClosedRange<UInt64>) -> UInt64? {
        guard let member = member(name) else { return nil }
        guard let count = Self.byteCount(member) else {
            add(.byteCount, name, "is no number of bytes", remedy: "write a whole number with a unit: 64KiB, 16MiB, 2GiB")
            return nil
        }
        if range.contains(count) { return count }
        add(.outOfRange, name, "is out of range", remedy: "write from \(range.lowerBound) to \(range.upperBound) bytes")
        return nil
    }

    private static func byteCount(_ value: ConfigValue) -> UInt64? {
        if let whole = value.number?.integer { return UInt64(exactly: whole) }
        guard let text = value.string else { return nil }
        let units: [(String, UInt64)] = [
            ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40), ("kB", 1000), ("KB", 1000), ("MB", 1_000_000),
            ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
        ]
        for (unit, factor) in units where text.hasSuffix(unit) {
            let digits = text.dropLast(unit.count)
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = UInt64(digits) else { return nil }
            let (bytes, overflow) = count.multipliedReportingOverflow(by: factor)
            return overflow ? nil : bytes
        }
        return nil
    }

    /// A path. One that is written in a file and is not absolute is meant from that file's folder;
    /// one that begins with `~` is left to the caller.
    package func path(_ name: String) -> String? {
        guard let text = nonEmpty(name), let member = member(name) else { return nil }
        guard !text.utf8.contains(0), text.utf8.count <= 4096 else {
            add(.notAllowed, name, "is no path", remedy: "write the path of a file or folder")
            return nil
        }
        if text == "~" || text.hasPrefix("~/") { return text }
        return FilePaths.join(member.location.file.map(FilePaths.folder) ?? "", text)
    }

    /// An endpoint: `ipc:///absolute/path` or `tcp://host:port`.
    package func endpoint(_ name: String) -> EndpointAddress? {
        guard let text = nonEmpty(name) else { return nil }
        switch EndpointAddress.parse(text) {
        case .success(let address): return address
        case .failure(let problem):
            add(.endpoint, name, problem.problem, remedy: problem.remedy)
            return nil
        }
    }
}

/// An endpoint as a configuration names it, checked for its form.
package struct EndpointAddress: Hashable, Sendable, CustomStringConvertible {
    /// The text, which the transport reads.
    package let description: String
    /// Whether only this machine can reach it.
    package let isLocal: Bool

    struct Problem: Error {
        var problem: String
        var remedy: String
    }

    /// The longest path of a Unix socket in bytes.
    private static let longestPath = 107

    static func parse(_ text: String) -> Result<EndpointAddress, Problem> {
        if text.hasPrefix("ipc://") { return parseIPC(text) }
        if text.hasPrefix("tcp://") { return parseTCP(text) }
        return .failure(Problem(problem: "is no endpoint", remedy: "write ipc:///absolute/path or tcp://host:port"))
    }

    private static func parseIPC(_ text: String) -> Result<EndpointAddress, Problem> {
        let path = text.dropFirst(6)
        guard path.hasPrefix("/"), !path.hasSuffix("/") else {
            return .failure(Problem(problem: "has no absolute path of a file", remedy: "write ipc:///absolute/path"))
        }
        guard path.utf8.count <= longestPath else {
            return .failure(
                Problem(
                    problem: "has a path of more than \(longestPath) bytes", remedy: "choose a shorter folder: a socket needs it")
            )
        }
        return .success(EndpointAddress(description: text, isLocal: true))
    }

    private static func parseTCP(_ text: String) -> Result<EndpointAddress, Problem> {
        let rest = text.dropFirst(6)
        guard let colon = rest.lastIndex(of: ":"), rest.startIndex < colon else {
            return .failure(Problem(problem: "has no host or no port", remedy: "write tcp://host:port"))
        }
        guard let port = UInt16(rest[rest.index(after: colon)...]), port > 0 else {
            return .failure(Problem(problem: "has no port from 1 to 65535", remedy: "write tcp://host:port"))
        }
        let host = rest[..<colon]
        let isName = host.utf8.allSatisfy { byte in
            byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte)
                || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }
        let isIPv6 = host.hasPrefix("[") && host.hasSuffix("]") && host.count > 3
        guard isName || isIPv6 || host == "*" else {
            return .failure(Problem(problem: "has no host", remedy: "write a name, an IPv4 address, [an IPv6 address] or *"))
        }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let isLoopback = parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
        return .success(
            EndpointAddress(description: text, isLocal: host == "localhost" || host == "[::1]" || isLoopback))
    }
}
