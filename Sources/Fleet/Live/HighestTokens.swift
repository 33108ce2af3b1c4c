package import Coordination
internal import Glibc

/// The highest fencing token that was used on each account of a home, kept on its disk: a coordinator whose store was restored from an old backup
/// learns from it which tokens are spent, also when every worker was started anew since.
package struct HighestTokens: Sendable {
    private let folder: String

    package init(home: Home) { folder = home.path + "/accounts" }

    private static let ending = ".token"
    private static let fileLimit = 1000

    /// The highest of all accounts, for the worker's hello; nil: none was ever used here.
    package func highest() throws(FleetError) -> FencingToken? {
        var result: FencingToken?
        for name in names() {
            guard let token = try read(folder + "/" + name) else { continue }
            result = max(result ?? token, token)
        }
        return result
    }

    /// Marks a token as used on an account; false: it, or a later one, was used there before. Called by who holds the account's lock.
    ///
    /// - Parameter account: the name of the account's lock.
    package func use(_ token: FencingToken, account: String) throws(FleetError) -> Bool {
        let path = folder + "/" + account + Self.ending
        if let known = try read(path), token <= known { return false }
        try Files.write(Array("\(token)\n".utf8), to: path)
        return true
    }

    private func read(_ path: String) throws(FleetError) -> FencingToken? {
        guard let bytes = try Files.readIfPresent(path, limit: 4096) else { return nil }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first?.split(separator: ".") ?? []
        guard parts.count == 2, let incarnation = UInt64(parts[0]), let counter = UInt64(parts[1]) else {
            throw FleetError(
                .system, "\(path) is damaged: it should hold a fencing token like 3.17; restore it from a backup of the home")
        }
        return FencingToken(incarnation: incarnation, counter: counter)
    }

    private func names() -> [String] {
        guard let handle = opendir(folder) else { return [] }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle), names.count < Self.fileLimit {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(Self.ending), !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
