import Foundation
import Indicators
import Market
import Testing

/// A reference file of `Fixtures/make_fixtures.py`.
private struct Fixture {
    let candles: TestCandles
    let references: [(name: String, column: Column<Double>)]

    init(_ name: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        let text = try String(contentsOf: folder.appending(path: name + ".csv"), encoding: .utf8)
        let lines = text.split(separator: "\n")
        let names = lines[1].split(separator: ",").map(String.init)
        var columns = names.map { _ in [Double]() }
        for line in lines.dropFirst(2) {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            for (index, cell) in cells.enumerated() {
                columns[index].append(cell.isEmpty ? .nan : try #require(Double(cell)))
            }
        }
        candles = TestCandles(
            open: Column(columns[0]), high: Column(columns[1]), low: Column(columns[2]), close: Column(columns[3]))
        references = zip(names, columns).dropFirst(5).map { ($0, Column($1)) }
    }
}

@Suite struct FixtureTests {
    @Test(arguments: ["walk", "ticks"])
    func `every indicator equals TA-Lib's or pandas' in every bit`(name: String) throws {
        let fixture = try Fixture(name)
        #expect(fixture.references.count == 66)
        for (name, reference) in fixture.references {
            let ours = try #require(fixture.candles.compute(name), "no indicator for \(name)")
            let (count, first) = differences(ours, reference)
            #expect(count == 0, "\(name): \(count) rows differ, \(first)")
        }
    }
}
