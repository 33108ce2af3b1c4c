import Market
import MarketData
import Testing

/// Reads files with pandas and with our reader and compares every bit.
@Suite struct FeatherOracleTests {
    /// Sums the bits of every value times its row number, modulo 2^64: equal only where all bits and their order are.
    private static let script = """
        import sys, numpy as np, pandas as pd
        for path in sys.argv[1:]:
            frame = pd.read_feather(path)
            cells = []
            for name in frame.columns:
                column = frame[name]
                if str(column.dtype).startswith('datetime64'):
                    if column.isna().any(): continue
                    bits = column.dt.tz_localize(None).to_numpy().astype('datetime64[ms]').astype('int64').view('uint64')
                elif column.dtype.kind in 'if':
                    values = column.to_numpy().astype('float64')
                    bits = values.view('uint64').copy()
                    bits[np.isnan(values)] = 1
                else:
                    continue
                weights = np.arange(1, len(bits) + 1, dtype='uint64')
                cells.append(name + '=' + str(int((bits * weights).sum(dtype='uint64'))))
            print(' '.join(cells))
        """

    private func ours(_ path: String) throws -> String {
        let table = try FeatherTable(path: path)
        var cells: [String] = []
        for (name, type) in table.columns {
            switch type {
            case .timestamp:
                guard let times = try? table.milliseconds(name) else { continue }
                cells.append("\(name)=\(weighted(times.map { UInt64(bitPattern: $0) }))")
            case .text, .null: continue
            default:
                let bits = try table.doubles(name).map { $0.isNaN ? 1 : $0.bitPattern }
                cells.append("\(name)=\(weighted(bits))")
            }
        }
        return cells.joined(separator: " ")
    }

    private func weighted(_ bits: [UInt64]) -> UInt64 {
        zip(1..., bits).reduce(0) { $0 &+ UInt64($1.0) &* $1.1 }
    }

    @Test func `numbers and times of the corpus are those that pandas reads, bit for bit`() throws {
        let files = Corpus.featherFiles("freqtrade")
        guard !files.isEmpty, let output = try Python.run(Self.script, arguments: files) else { return }
        let lines = output.split(separator: "\n")
        #expect(lines.count == files.count)
        for (file, line) in zip(files, lines) { #expect(try ours(file) == line, "\(file)") }
        print("\(files.count) files agree with pandas")
    }
}
