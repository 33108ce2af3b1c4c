import Exchange
import Foundation

/// The corpus of golden data outside of the repository.
enum Corpus {
    /// A file of `corpus/exchanges`; says so and gives nil where the corpus is absent.
    static func json(_ name: String) throws -> JSONValue? {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let folder =
            ProcessInfo.processInfo.environment["PRAGMA_CORPUS"]
            ?? package.appending(path: "../shared/corpus").standardizedFileURL.path
        let path = folder + "/exchanges/" + name
        guard let data = FileManager.default.contents(atPath: path) else {
            print("corpus absent (set PRAGMA_CORPUS): \(name) skipped")
            return nil
        }
        return try JSONValue(parsing: Array(data))
    }
}
