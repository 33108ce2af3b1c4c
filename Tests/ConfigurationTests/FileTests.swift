import Foundation
import Testing
import Trading

@testable import Configuration

/// Files on disk: what is missing, unreadable or too long, and includes through symbolic links.
@Suite struct FileTests {
    func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "pragma-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    func write(_ text: String, _ path: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

    @Test func `a missing file, a folder and a file that is too long each give their error`() throws {
        try withFolder { folder in
            #expect(throws: FileSource.ReadError.self) { try FileSource.disk.read(folder + "/none.json", 10) }
            #expect(throws: FileSource.ReadError.self) { try FileSource.disk.read(folder, 10) }
            try write(String(repeating: "x", count: 50), folder + "/long.json")
            #expect(try FileSource.disk.read(folder + "/long.json", 10).count == 11)
            try write("{\"a\": \"" + String(repeating: "x", count: 5 << 20) + "\"}", folder + "/huge.json")
            let found = EffectiveConfiguration.check(
                files: [folder + "/huge.json", folder + "/none.json"], registry: try registry()
            ).problems
            #expect(summary(found) == ["error file.syntax ", "error file.unreadable "])
            #expect(found.allSatisfy { $0.location.file?.hasPrefix(folder) == true })
        }
    }

    @Test func `included files are found from the folder of the real file`() throws {
        try withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder + "/real", withIntermediateDirectories: true)
            try write("{\"add_config_files\": [\"more.json\"], \"stake_amount\": 100}", folder + "/real/main.json")
            try write(minimal.replacingOccurrences(of: "100", with: "7"), folder + "/real/more.json")
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/link.json", withDestinationPath: folder + "/real/main.json")
            let (result, problems) = EffectiveConfiguration.check(files: [folder + "/link.json"], registry: try registry())
            #expect(problems == [])
            #expect(result?.sizing.stakeAmount == .fixed(100))
        }
    }

    @Test func `files that include each other are refused`() throws {
        let files = [
            "config.json": "{\"add_config_files\": [\"b.json\"]}", "b.json": "{\"add_config_files\": [\"config.json\"]}",
        ]
        let problems = EffectiveConfiguration.check(
            files: ["config.json"], registry: try registry(), source: .memory(files)
        ).problems
        #expect(problems.contains { $0.code == .includeLoop && $0.key == "add_config_files" })
    }

    @Test func `no file of too many is left out in silence`() throws {
        let many = (0..<101).map { "file\($0).json" }
        let files = Dictionary(many.map { ($0, minimal) }) { first, _ in first }
        let problems = EffectiveConfiguration.check(files: many, registry: try registry(), source: .memory(files)).problems
        #expect(problems.contains { $0.severity == .error && $0.description.contains("file100.json") })
        let fewer = EffectiveConfiguration.check(
            files: Array(many.dropLast()), registry: try registry(), source: .memory(files)
        ).problems
        #expect(!fewer.contains { $0.severity == .error })
    }

    @Test func `a key that stands twice is a warning with both lines`() throws {
        let text = "{\"stake_amount\": 5,\n" + minimal.dropFirst()
        let (result, problems) = try check(text)
        #expect(summary(problems) == ["warning key.duplicate stake_amount"])
        #expect(problems.first?.description.contains("first in line 1") == true)
        #expect(result?.sizing.stakeAmount == .fixed(100))
    }

    @Test func `sections and values that clash between files are named`() throws {
        let files = ["a.json": minimal, "b.json": "{\"stake_amount\":\n {\"x\": 1}}"]
        let problems = EffectiveConfiguration.check(
            files: ["a.json", "b.json"], registry: try registry(), source: .memory(files)
        ).problems
        #expect(problems.map(\.code) == [.mergeConflict, .wrongType])
        #expect(problems.first?.description.hasPrefix("b.json:2:2: error: stake_amount: is a section here") == true)
    }
}
