internal import Market

/// Reads freqtrade's `json` candle files: `[[milliseconds, open, high, low, close, volume], ...]`, for funding rates also
/// `[[milliseconds, rate], ...]`. Numbers become the doubles that freqtrade makes of them.
struct CandleJSON {
    private let bytes: [UInt8]
    private var position = 0
    private var rows: CandleRows
    private let isFundingRate: Bool

    /// The candles of a whole file and the unit of its times.
    static func candles(
        _ bytes: [UInt8], kind: CandleKind, limits: ImportLimits
    ) throws(ImportFault) -> (candles: Candles, notation: TimeNotation?) {
        var reader = CandleJSON(
            bytes: bytes,
            rows: CandleRows(allowsEmpty: kind.allowsEmpty, limits: limits, expected: bytes.count / 48, rounding: .pandasJSON),
            isFundingRate: kind == .fundingRate)
        try reader.readAll()
        return (reader.rows.builder.candles, reader.rows.clock.notation)
    }

    private init(bytes: [UInt8], rows: CandleRows, isFundingRate: Bool) {
        self.bytes = bytes
        self.rows = rows
        self.isFundingRate = isFundingRate
    }

    private mutating func readAll() throws(ImportFault) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        guard take("[") else { throw .content("it is not a list of candles: [[time, open, high, low, close, volume], ...]") }
        if !take("]") {
            repeat { try row() } while take(",")
            guard take("]") else { throw fault("a comma or ] is expected") }
        }
        skipBlank()
        guard position == bytes.count else { throw fault("text follows after the end") }
    }

    private mutating func row() throws(ImportFault) {
        let number = rows.builder.count + 1
        guard take("[") else { throw fault("a candle [time, open, high, low, close, volume] is expected") }
        let time = try field()
        var fields: [Range<Int>?] = []
        while take(",") {
            guard fields.count < 5 else { throw fault("candle \(number) has more than 6 values") }
            fields.append(try field())
        }
        guard take("]") else { throw fault("a comma or ] is expected") }
        if isFundingRate && fields.count == 1 { fields += [nil, nil, nil, nil] }
        guard fields.count == 5 else { throw .content("candle \(number) has \(fields.count + 1) values, not 6") }
        do throws(ImportFault) {
            try rows.append(bytes, time: time, fields)
        } catch {
            throw error.at("candle \(number)")
        }
    }

    /// A number, or a text without its quotes; what it means is decided by `CandleRows`.
    private mutating func field() throws(ImportFault) -> Range<Int> {
        let isQuoted = take("\"")
        let start = position
        while position < bytes.count, position - start <= 64 {
            let byte = bytes[position]
            let isEnd = isQuoted ? byte == 0x22 : byte == 0x2C || byte == 0x5D || byte <= 0x20
            if isEnd { break }
            position += 1
        }
        let range = start..<position
        guard !range.isEmpty, range.count <= 64, !isQuoted || take("\"") else { throw fault("a value is expected") }
        return range
    }

    private mutating func skipBlank() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipBlank()
        guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
        position += 1
        return true
    }

    private func fault(_ problem: String) -> ImportFault {
        .damaged("damaged JSON after candle \(rows.builder.count), byte \(position): \(problem)")
    }
}

extension CandleKind {
    /// Whether prices and volumes may be missing: only what was traded has a volume.
    var allowsEmpty: Bool { self != .spot && self != .futures }
}
