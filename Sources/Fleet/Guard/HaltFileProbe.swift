internal import Glibc
package import Halt

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
        let content = info.st_mode & S_IFMT == S_IFREG ? Self.content(of: path) : []
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

    /// What a regular file holds, up to 64 KiB. Never waits: somebody may put a pipe in the file's place.
    private static func content(of path: String) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = read(file, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, count)))
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

    /// Creates the file, durably. One that is there and stops as much is touched, so that it counts as new: a re-arm that is under way does
    /// not lift it. Where nothing can be written at all an empty file is tried, which means `halt`.
    ///
    /// - Returns: nil: all is well; else what went wrong. Whether a file is there all the same, `look` says.
    package static func create(
        _ path: String, action: HaltAction, reason: String, operator person: String, wall: String
    ) -> FleetError? {
        if let known = HaltFileProbe(path).look(), known.action >= action, touch(path) { return nil }
        let word =
            switch action {
            case .halt: "halt"
            case .cancel: "cancel"
            case .flatten: "flatten"
            }
        let oneLine = { (text: String) in String(text.map { $0.isNewline ? " " : $0 }) }
        let text = "action: \(word)\nreason: \(oneLine(reason))\noperator: \(oneLine(person))\ntime: \(wall)\n"
        do throws(FleetError) {
            try Files.write(Array(text.utf8), to: path)
            return nil
        } catch {
            let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
            if file >= 0 { close(file) }
            _ = touch(path)
            return error
        }
    }

    /// Gives an existing file a new time, and with it a new identity.
    private static func touch(_ path: String) -> Bool { utimensat(AT_FDCWD, path, nil, AT_SYMLINK_NOFOLLOW) == 0 }

    /// Removes the file if it still is the one of this identity. One that was made or touched meanwhile stays.
    package static func remove(_ path: String, identity: UInt64) throws(FleetError) {
        var before = stat()
        guard HaltFileProbe(path).look()?.identity == identity, lstat(path, &before) == 0 else { return }
        guard before.st_mode & S_IFMT != S_IFDIR else {
            throw FleetError(.input, "\(path) is a folder; remove it by hand and re-arm again")
        }
        // Moved aside first: between a look and an unlink somebody could make it anew. Moving changes the time that the identity counts in.
        let aside = path + ".lifted"
        guard rename(path, aside) == 0 else {
            if errno == ENOENT { return }
            throw Files.failure("cannot remove", path)
        }
        var after = stat()
        let isSame =
            lstat(aside, &after) == 0 && after.st_ino == before.st_ino && after.st_size == before.st_size
            && after.st_mtim.tv_sec == before.st_mtim.tv_sec && after.st_mtim.tv_nsec == before.st_mtim.tv_nsec
        if !isSame, link(aside, path) != 0, errno != EEXIST { throw Files.failure("cannot put back", path) }
        try Files.remove(aside)
        try Files.syncFolder(of: path)
    }
}
