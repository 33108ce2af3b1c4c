import Foundation

/// Where configuration files are read from: the disk, or a table of texts in tests.
package struct FileSource: Sendable {
    /// Why a file cannot be read.
    package struct ReadError: Error, Hashable, Sendable {
        /// What is wrong, without the path.
        package var problem: String
        /// What to do.
        package var remedy: String
        package init(problem: String, remedy: String) {
            self.problem = problem
            self.remedy = remedy
        }
    }

    /// The bytes of the file at a path, at most `limit` of them; one byte more where the file is longer.
    package var read: @Sendable (_ path: String, _ limit: Int) throws(ReadError) -> [UInt8]

    /// A source that reads with `read`.
    package init(read: @escaping @Sendable (_ path: String, _ limit: Int) throws(ReadError) -> [UInt8]) { self.read = read }

    /// Files of the machine; `-` is the standard input.
    package static let disk = FileSource { (path, limit) throws(ReadError) in
        if path == "-" { return try bytes(of: .standardInput, limit: limit) }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw ReadError(problem: "there is no such file", remedy: "check the path, or write the file")
        }
        guard !isFolder.boolValue else { throw ReadError(problem: "is a folder", remedy: "name a file in it") }
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw ReadError(problem: "cannot be opened", remedy: "check the permissions of the file")
        }
        return try bytes(of: handle, limit: limit)
    }

    /// Files that are held in memory.
    package static func memory(_ files: [String: String]) -> FileSource {
        FileSource { (path, limit) throws(ReadError) in
            guard let text = files[path] else {
                throw ReadError(problem: "there is no such file", remedy: "check the path, or write the file")
            }
            return Array(text.utf8.prefix(limit + 1))
        }
    }

    private static func bytes(of handle: FileHandle, limit: Int) throws(ReadError) -> [UInt8] {
        var result: [UInt8] = []
        do {
            while result.count <= limit, let part = try handle.read(upToCount: limit + 1 - result.count), !part.isEmpty {
                result += part
            }
        } catch {
            throw ReadError(problem: "cannot be read", remedy: "check the file and the disk")
        }
        return result
    }
}

/// Paths as texts, without touching the disk.
enum FilePaths {
    /// `path` seen from `folder`; an absolute path stays as it is.
    static func join(_ folder: String, _ path: String) -> String {
        if path.hasPrefix("/") || folder.isEmpty || folder == "." { return path }
        return folder.hasSuffix("/") ? folder + path : folder + "/" + path
    }

    /// The folder of the file at `path`, symbolic links followed where the file is on disk; empty for a bare name.
    static func folder(of path: String) -> String {
        let resolved = (try? FileManager.default.destinationOfSymbolicLink(atPath: path)).map { join(plainFolder(of: path), $0) }
        return plainFolder(of: resolved ?? path)
    }

    private static func plainFolder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
