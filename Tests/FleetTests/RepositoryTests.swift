import Coordination
import Foundation
import Testing

/// The repository's own rules: what the documents say about the code is what the code does.
@Suite struct RepositoryTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// Module name -> the modules of this package that Package.swift lets it import.
    private static func manifest() throws -> [String: Set<String>] {
        let text = try text("Package.swift")
        var result: [String: Set<String>] = [:]
        for part in text.components(separatedBy: "Module(").dropFirst() {
            guard let name = part.firstMatch(of: /name: "(\w+)"/)?.1 else { continue }
            let imports = part.firstMatch(of: /imports: \[([^\]]*)\]/)?.1 ?? ""
            result[String(name)] = Set(imports.matches(of: /"(\w+)"/).map { String($0.1) })
        }
        return result
    }

    private static func sources(of module: String) throws -> [(path: String, text: String)] {
        let folder = root.appendingPathComponent("Sources/" + module)
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
        return try files.filter { $0.pathExtension == "swift" }
            .map { ($0.lastPathComponent, try String(contentsOf: $0, encoding: .utf8)) }
    }

    @Test func `every import of one of our modules stands in the manifest's list`() throws {
        let manifest = try Self.manifest()
        #expect(manifest.count >= 22)
        var checked = 0
        for (module, allowed) in manifest {
            for (file, text) in try Self.sources(of: module) {
                for match in text.matches(of: /(?m)^(?:@testable )?(?:package |public |internal )?import (\w+)/) {
                    let imported = String(match.1)
                    guard manifest[imported] != nil else { continue }
                    checked += 1
                    #expect(
                        allowed.contains(imported),
                        "\(module)/\(file) imports \(imported), which Package.swift does not list for it")
                }
            }
        }
        #expect(checked > 300)
    }

    @Test(arguments: [
        "Money", "Market", "Indicators", "Trading", "SyntheticMarket", "Strategies", "Backtesting", "Research", "Halt",
        "Coordination", "Orders", "Risk", "TradingLoop", "LiveJob",
    ])
    func `a pure module has no I/O, no clock and no randomness of its own`(module: String) throws {
        // The C library's mathematics is no I/O; the file that wraps it for the statistics is the one exception.
        for (file, text) in try Self.sources(of: module) where file != "Libm.swift" {
            for banned in [
                "import Foundation", "import Glibc", "SystemRandomNumberGenerator()", "ContinuousClock", "SuspendingClock",
                "Date()",
            ] {
                #expect(!text.contains(banned), "\(module)/\(file) has \(banned)")
            }
        }
    }

    @Test func `the protocol document holds the table of job states that the code has`() throws {
        let document = try Self.text("docs/protocol.md")
        let parts = document.components(separatedBy: "<!-- job states: begin -->")
        let table = parts.last?.components(separatedBy: "<!-- job states: end -->").first ?? ""
        let trimmed = { (text: String) in
            text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { $0.hasPrefix("|") }
        }
        #expect(trimmed(table) == trimmed(JobState.transitionTable()))
    }

    @Test func `every module is in the architecture document`() throws {
        let document = try Self.text("docs/architecture.md")
        for module in try Self.manifest().keys where module != "pragma" {
            guard FileManager.default.fileExists(atPath: Self.root.appendingPathComponent("Sources/" + module).path) else {
                continue
            }
            #expect(document.contains("`\(module)`"), "docs/architecture.md does not name \(module)")
        }
    }
}
