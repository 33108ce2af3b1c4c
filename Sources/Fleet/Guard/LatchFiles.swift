internal import Glibc
package import Halt

/// The two files of a latch: `NAME.latch.0` and `NAME.latch.1`. Each write replaces both, one after the other, so that a crash at
/// any byte leaves at least one whole slot.
package struct LatchFiles: Sendable {
    private let base: String

    /// The latch whose slots begin with `path`.
    package init(_ path: String) { base = path }

    private var paths: [String] { [base + ".0", base + ".1"] }

    /// The slots as they are on disk; nil for one that is missing. A slot that cannot be read counts as damaged, never as missing.
    package func read() -> [[UInt8]?] {
        paths.map { path in
            do { return try Files.readIfPresent(path, limit: 1 << 20) } catch { return [] }
        }
    }

    /// Writes both slots and makes them durable.
    package func write(kind: LatchSlot.Kind, sequence: UInt64, payload: [UInt8]) throws(FleetError) {
        let bytes = LatchSlot.encode(kind: kind, sequence: sequence, payload: payload)
        // A process of this name holds a lock, so what a killed one left is simply written over.
        for path in paths { try Files.write(bytes, to: path, temporarySuffix: ".new") }
    }
}

/// The `HALT` file of a home: while it is there, nothing of this home trades or works.
package struct HaltFileProbe: Sendable {
    private let path: String

    /// Looks at the `HALT` file at `path`.
    package init(_ path: String) { self.path = path }

    /// The file as it is now; nil: there is none. A file that cannot be read stops as one that can.
    package func look() -> HaltFile? {
        var info = stat()
        guard lstat(path, &info) == 0 else {
            return errno == ENOENT || errno == ENOTDIR ? nil : HaltFile(action: .halt, identity: 0)
        }
        let content = (try? Files.read(path, limit: 65536)) ?? []
        var identity: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ value: UInt64) {
            for shift in stride(from: 0, to: 64, by: 8) {
                identity = (identity ^ (value >> UInt64(shift) & 0xFF)) &* 0x100_0000_01b3
            }
        }
        mix(UInt64(info.st_ino))
        mix(UInt64(bitPattern: Int64(info.st_ctim.tv_sec)))
        mix(UInt64(bitPattern: Int64(info.st_ctim.tv_nsec)))
        for byte in content { mix(UInt64(byte)) }
        return HaltFile(action: Self.action(in: content), identity: identity)
    }

    /// The action that the file's first line names (`action: flatten`); `halt` where it names none.
    private static func action(in content: [UInt8]) -> HaltAction {
        let first = String(decoding: content.prefix { $0 != 10 }, as: UTF8.self)
        switch first {
        case "action: flatten": return .flatten
        case "action: cancel": return .cancel
        default: return .halt
        }
    }

    /// Creates the file, durably. An existing one stays: it stops already.
    package static func create(_ path: String, action: HaltAction, reason: String, operator person: String, wall: String)
        throws(FleetError)
    {
        guard !Files.exists(path) else { return }
        let word =
            switch action {
            case .halt: "halt"
            case .cancel: "cancel"
            case .flatten: "flatten"
            }
        let oneLine = { (text: String) in String(text.map { $0.isNewline ? " " : $0 }) }
        let text = "action: \(word)\nreason: \(oneLine(reason))\noperator: \(oneLine(person))\ntime: \(wall)\n"
        try Files.write(Array(text.utf8), to: path)
    }

    /// Removes the file if it still is the one of this identity.
    package static func remove(_ path: String, identity: UInt64) throws(FleetError) {
        guard HaltFileProbe(path).look()?.identity == identity else { return }
        try Files.remove(path)
        try Files.syncFolder(of: path)
    }
}
