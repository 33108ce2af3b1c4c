internal import Market

/// Reads candles from text in columns, with a line of names or without one.
///
/// Without names the columns are those of Binance's public data (12: time, open, high, low, close, volume, ...), of Kraken's
/// (7: the last are the trades) or the six alone.
struct CandleCSV {
    /// How the columns are laid out.
    private struct Layout {
        var separator: UInt8
        var time: Int
        /// Open, high, low, close, volume; nil: 0.
        var values: [Int?]
        var columns: Int
        var hasNames: Bool
    }

    private let bytes: [UInt8]
    private let limits: ImportLimits
    private var position = 0
    private var line = 0
    private var fields: [Range<Int>] = []

    /// The candles of a whole file and how it writes its times.
    static func candles(
        _ bytes: [UInt8], kind: CandleKind, base: String, limits: ImportLimits
    ) throws(ImportFault) -> (candles: Candles, notation: TimeNotation?) {
        var reader = CandleCSV(bytes: bytes, limits: limits)
        var rows = CandleRows(allowsEmpty: kind.allowsEmpty, limits: limits, expected: bytes.count / 64, rounding: .nearest)
        try reader.readAll(into: &rows, kind: kind, base: base)
        return (rows.builder.candles, rows.clock.notation)
    }

    private init(bytes: [UInt8], limits: ImportLimits) {
        self.bytes = bytes
        self.limits = limits
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    private mutating func readAll(into rows: inout CandleRows, kind: CandleKind, base: String) throws(ImportFault) {
        guard let first = try nextLine() else { return }
        let separator = Self.separator(bytes[first])
        split(first, separator)
        let layout = try layout(separator, kind: kind, base: base)
        if !layout.hasNames { try append(to: &rows, layout) }
        while let next = try nextLine() {
            split(next, separator)
            try append(to: &rows, layout)
        }
    }

    private mutating func append(to rows: inout CandleRows, _ layout: Layout) throws(ImportFault) {
        guard fields.count == layout.columns else {
            throw .content("line \(line) has \(fields.count) columns, the first has \(layout.columns)")
        }
        do throws(ImportFault) {
            try rows.append(bytes, time: fields[layout.time], layout.values.map { index in index.map { fields[$0] } })
        } catch {
            throw error.at("line \(line)")
        }
    }

    /// The next line that is not blank, without its end.
    private mutating func nextLine() throws(ImportFault) -> Range<Int>? {
        while position < bytes.count {
            let start = position
            while position < bytes.count, bytes[position] != 0x0A, position - start <= limits.lineBytes { position += 1 }
            line += 1
            guard position - start <= limits.lineBytes else {
                throw .content("line \(line) is longer than \(limits.lineBytes) bytes: this is no table of candles")
            }
            let range = trimmed(start..<position)
            position = min(position + 1, bytes.count)
            if !range.isEmpty { return range }
        }
        return nil
    }

    private func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, bytes[start] == 0x20 || bytes[start] == 0x0D { start += 1 }
        while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x0D { end -= 1 }
        return start..<end
    }

    private static func separator(_ line: ArraySlice<UInt8>) -> UInt8 {
        [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09].first { line.contains($0) } ?? UInt8(ascii: ",")
    }

    /// Splits a line into `fields`, without the quotes around them. Quotes do not protect a separator: no candle needs that.
    private mutating func split(_ line: Range<Int>, _ separator: UInt8) {
        fields.removeAll(keepingCapacity: true)
        var start = line.lowerBound
        for at in line where bytes[at] == separator {
            fields.append(unquoted(start..<at))
            start = at + 1
        }
        fields.append(unquoted(start..<line.upperBound))
    }

    private func unquoted(_ range: Range<Int>) -> Range<Int> {
        let inner = trimmed(range)
        guard inner.count >= 2, bytes[inner.lowerBound] == 0x22, bytes[inner.upperBound - 1] == 0x22 else { return inner }
        return inner.lowerBound + 1..<inner.upperBound - 1
    }

    private func layout(_ separator: UInt8, kind: CandleKind, base: String) throws(ImportFault) -> Layout {
        guard let first = fields.first, CandleClock.isTime(bytes, first) else {
            return try named(separator, kind: kind, base: base)
        }
        guard [6, 7, 12].contains(fields.count) else {
            throw .content(
                "it has no line of column names, and \(fields.count) columns: 6, 7 (Kraken) and 12 (Binance) are known",
                remedy: "Put a first line with the names date,open,high,low,close,volume in front")
        }
        return Layout(separator: separator, time: 0, values: [1, 2, 3, 4, 5], columns: fields.count, hasNames: false)
    }

    private static let timeNames = [
        "open_time", "opentime", "timestamp", "unix", "unix_timestamp", "time", "datetime", "date",
    ]

    private func named(_ separator: UInt8, kind: CandleKind, base: String) throws(ImportFault) -> Layout {
        let names = fields.map { range in
            String(decoding: bytes[range].prefix(64), as: UTF8.self).lowercased().replacing(" ", with: "_")
        }
        guard let time = Self.timeNames.compactMap({ names.firstIndex(of: $0) }).first else {
            throw .content(
                "its first line names no column of times (\(Self.timeNames.joined(separator: ", "))): "
                    + ImportText.shown(bytes[(fields.first?.lowerBound ?? 0)...], limit: 80),
                remedy: "Put a first line with the names date,open,high,low,close,volume in front")
        }
        var values: [Int?] = []
        for name in CandleRows.names {
            let aliases = name == "volume" ? ["volume", "vol", "volume_" + base.lowercased(), "base_volume"] : [name]
            let found = aliases.compactMap { alias in names.firstIndex(of: alias) }.first
            let rate = kind == .fundingRate && name == "open" ? names.firstIndex(of: "funding_rate") : nil
            guard found != nil || rate != nil || kind == .fundingRate || (kind.allowsEmpty && name == "volume") else {
                throw .content("its first line names no column '\(name)'")
            }
            values.append(found ?? rate)
        }
        guard values.contains(where: { $0 != nil }) else { throw .content("its first line names no column of values") }
        return Layout(separator: separator, time: time, values: values, columns: fields.count, hasNames: true)
    }
}
