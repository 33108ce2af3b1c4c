#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Folders of the file system.
enum Directory {
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether there is a folder at `path` itself, not one that a symbolic link leads to.
    static func isRealFolder(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Makes the folder and those above it where they are missing.
    static func make(_ path: String) throws(MarketDataError) {
        guard !isFolder(path) else { return }
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex { try make(String(path[..<slash])) }
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw MarketDataError(.inputOutput, file: path, "the folder cannot be made: \(systemMessage(errno))")
        }
    }

    /// The names in a folder, hidden ones left out, sorted.
    static func names(_ path: String) throws(MarketDataError) -> [String] {
        guard let folder = opendir(path) else {
            throw MarketDataError(.inputOutput, file: path, "the folder cannot be read: \(systemMessage(errno))")
        }
        defer { closedir(folder) }
        var result: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { result.append(name) }
        }
        return result.sorted()
    }
}
