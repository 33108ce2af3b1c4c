import Configuration
import Exchange
import Foundation

/// Where venue files are looked for: the folder of `--venues`, else that of `PRAGMA_VENUES`; where neither is named, first in the
/// home's `venues`, then in `configs/venues` of the working folder.
package struct VenueFolders: Sendable {
    package let folders: [String]
    private let exists: @Sendable (String) -> Bool

    package init(
        flag: String?, environment: [String: String], home: String?,
        exists: @escaping @Sendable (String) -> Bool = { FileManager.default.fileExists(atPath: $0) }
    ) {
        self.exists = exists
        if let flag, !flag.isEmpty {
            folders = [flag]
        } else if let variable = environment["PRAGMA_VENUES"], !variable.isEmpty {
            folders = [variable]
        } else {
            folders = [home.map { $0 + "/venues" }, "configs/venues"].compactMap { $0 }
        }
    }

    /// The path of a venue's file; the first folder that has it decides.
    ///
    /// - Throws: `VenueSetupError` where none has one.
    package func path(of name: String) throws(VenueSetupError) -> String {
        guard VenueID(name) != nil else {
            throw VenueSetupError("'\(name.prefix(80))' is no name of a venue: small letters, digits and dashes, 64 at most")
        }
        for folder in folders where exists(folder + "/" + name + ".yaml") { return folder + "/" + name + ".yaml" }
        let known = list()
        throw VenueSetupError(
            "there is no \(name).yaml in \(folders.joined(separator: " or in ")); "
                + (known.isEmpty ? "write one, or name its folder with --venues" : "there are: \(known.joined(separator: ", "))"))
    }

    /// The names of all venues, sorted; a folder that is not there has none.
    package func list() -> [String] {
        var names: Set<String> = []
        for folder in folders {
            let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            names.formUnion(files.filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }.map(Self.stem))
        }
        return names.filter { VenueID($0) != nil }.sorted()
    }

    /// Finds and reads a venue's file.
    package func load(_ name: String) throws(VenueSetupError) -> VenueFile {
        let path = try path(of: name)
        do {
            return try VenueFile.load(path: path)
        } catch {
            throw VenueSetupError("the venue file cannot be used:\n\(error)")
        }
    }

    /// The file's name without folder and ending.
    static func stem(of path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return file.hasSuffix(".yaml") ? String(file.dropLast(5)) : file
    }
}

/// Why a connector cannot be made: what is wrong, where, and what to do. Never shows a key.
package struct VenueSetupError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
    /// A credential is there, and is a placeholder or empty.
    package let isPlaceholder: Bool
    /// It is the secret, not the key.
    package let isOfSecret: Bool

    package init(_ description: String, isPlaceholder: Bool = false, isOfSecret: Bool = false) {
        self.description = description
        self.isPlaceholder = isPlaceholder
        self.isOfSecret = isOfSecret
    }
}
