import ArgumentParser
import Foundation
import Testing

@testable import PragmaCLI

/// What holds for every command, whichever there are.
@Suite("Every command")
struct EveryCommandTests {
    /// A command that does something, and how it is called: `["jobs", "watch"]`.
    private struct Leaf {
        var path: [String]
        var type: any ParsableCommand.Type

        var name: String { path.joined(separator: " ") }
        var help: String { type.helpMessage(columns: 1000) }
    }

    /// They run until they are ended and write a log; there is no answer to print.
    private static let withoutAnswer: Set<String> = ["coordinator", "monitor", "worker"]

    private static func leaves(of type: any ParsableCommand.Type, _ path: [String] = []) -> [Leaf] {
        let inner = type.configuration.subcommands
        if inner.isEmpty { return [Leaf(path: path, type: type)] }
        return inner.flatMap { leaves(of: $0, path + [$0.configuration.commandName ?? "?"]) }
    }

    private static let all = leaves(of: Pragma.self)

    /// The arguments of a shell's line, quotes minded.
    private static func arguments(_ line: some StringProtocol) -> [String] {
        var result: [String] = []
        let parts: [Substring] = String(line).split(separator: "\"", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            let words: [Substring] = index % 2 == 1 ? [part] : part.split(separator: " ")
            result += words.map(String.init)
        }
        return result
    }

    @Test func `the commands that the issue names are all there`() {
        let names = Set(Self.all.map(\.name))
        let wanted = [
            "init", "up", "coordinator", "worker", "monitor", "status", "data demo", "data list", "data check",
            "data import", "data instruments", "validate", "backtest", "sweep", "jobs list", "jobs show", "jobs watch",
            "jobs cancel",
            "jobs retry", "compare", "stop",
            "exchange list", "exchange check", "paper-exchange run", "data download", "rearm", "keys new", "strategies",
            "workers drain",
            "workers declare-dead", "dry-run", "positions", "orders", "trades", "pnl",
        ]
        #expect(names.isSuperset(of: wanted), "\(Set(wanted).subtracting(names))")
    }

    @Test func `every command has an example in its help that can be typed as it stands`() throws {
        var examples = 0
        for leaf in Self.all {
            let lines = leaf.help.split(separator: "\n").filter { $0.hasPrefix("Example: pragma ") }
            #expect(!lines.isEmpty, "\(leaf.name): \(leaf.help)")
            for line in lines {
                let words = Self.arguments(line.dropFirst("Example: pragma ".count))
                #expect(Array(words.prefix(leaf.path.count)) == leaf.path, "\(leaf.name): \(line)")
                let command = try Pragma.parseAsRoot(words)
                #expect(type(of: command) == leaf.type, "\(line) is \(type(of: command))")
                examples += 1
            }
        }
        print("\(examples) examples of \(Self.all.count) commands")
        #expect(examples >= 25)
    }

    @Test func `every command that answers has JSON for programs, and its keys are in the documents`() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let document = try String(contentsOf: root.appendingPathComponent("docs/operations.md"), encoding: .utf8)
        let section = try #require(document.components(separatedBy: "\n## `--json`\n").dropFirst().first)
        let rows = section.split(separator: "\n").filter { $0.hasPrefix("| `") }
        for leaf in Self.all {
            let hasJSON = leaf.help.contains("--json")
            #expect(hasJSON != Self.withoutAnswer.contains(leaf.name), "\(leaf.name)")
            guard hasJSON else { continue }
            let row = rows.first { $0.dropFirst(2).prefix { $0 != "|" }.contains("`\(leaf.name)`") }
            #expect(row != nil, "docs/operations.md has no row with the keys of \(leaf.name)")
        }
    }

    @Test func `elapsed times are not taken from the time of day`() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/PragmaCLI")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
        let sources = files.filter { $0.pathExtension == "swift" }
        #expect(sources.count > 30)
        for file in sources {
            let text = try String(contentsOf: file, encoding: .utf8)
            for banned in ["Date()", "Date.now", "SuspendingClock"] {
                #expect(!text.contains(banned), "\(file.lastPathComponent) has \(banned)")
            }
        }
    }
}
