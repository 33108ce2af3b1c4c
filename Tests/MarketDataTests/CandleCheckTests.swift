import Market
import MarketData
import SyntheticMarket
import Testing

@Suite struct CandleCheckTests {
    private func rows(_ edit: (inout [Candle]) -> Void) throws -> Candles {
        let pair = try #require(Pair("BTC/USDT"))
        let market = try SyntheticMarket(
            seed: 1, pairs: [pair], start: Timestamp(seconds: 1_672_531_200), days: 1, base: .fiveMinutes)
        var rows = CandleSourceConformance.rows(try market.candles(pair, .fiveMinutes))
        edit(&rows)
        var builder = CandleBuilder()
        rows.forEach { builder.append($0) }
        return builder.candles
    }

    private func findings(_ edit: (inout [Candle]) -> Void) throws -> [CandleCheck.Finding] {
        CandleCheck.findings(in: try rows(edit), timeframe: .fiveMinutes, file: "BTC_USDT-5m.feather")
    }

    @Test func `good candles have no findings`() throws {
        #expect(try findings { _ in }.isEmpty)
    }

    @Test func `a gap is a note that says how long it is`() throws {
        let finding = try #require(try findings { $0.removeSubrange(10..<13) }.first)
        #expect(finding.problem == .gap && finding.severity == .note && finding.count == 1)
        #expect(finding.places[0].row == 10)
        #expect(finding.places[0].detail == "3 candles missing since 2023-01-01T00:45:00+00:00")
        #expect(
            finding.description
                == "BTC_USDT-5m.feather: gap at 2023-01-01T01:05:00+00:00 (row 10): 3 candles missing since 2023-01-01T00:45:00+00:00"
        )
    }

    @Test func `an impossible date is found at the end too`() throws {
        let far = Timestamp(seconds: 7_258_118_400)
        let found = try findings { $0[$0.count - 1].time = far }.first { $0.problem == .suspiciousUnit }
        #expect(try found?.places.first?.row == rows { _ in }.count - 1)
    }

    @Test func `every kind of damage is found where it is`() throws {
        let cases: [(CandleCheck.Problem, (inout [Candle]) -> Void)] = [
            (.duplicate, { $0.insert($0[7], at: 7) }), (.outOfOrder, { $0.swapAt(7, 8) }),
            (.misaligned, { $0[7].time = $0[7].time.advanced(byMilliseconds: 1) }), (.impossiblePrice, { $0[7].low = 0 }),
            (.impossiblePrice, { $0[7].open = .nan }), (.impossiblePrice, { $0[7].high = .infinity }),
            (.impossiblePrice, { $0[7].close = -1 }), (.impossibleRange, { $0[7].high = $0[7].low.nextDown }),
            (.impossibleRange, { $0[7].low = max($0[7].open, $0[7].close) }), (.impossibleVolume, { $0[7].volume = -0.1 }),
            (.impossibleVolume, { $0[7].volume = .nan }), (.impossibleVolume, { $0[7].volume = .infinity }),
        ]
        for (problem, edit) in cases {
            let finding = try findings(edit).first { $0.problem == problem }
            let row = try #require(finding?.places.first?.row, "\(problem)")
            #expect((7...8).contains(row), "\(problem)")
        }
    }

    @Test(arguments: [(1000, "seconds"), (-1000, "microseconds"), (-1_000_000, "nanoseconds")])
    func `a wrong time unit is named`(factor: Int64, name: String) throws {
        let wrong = try findings { rows in
            for index in rows.indices {
                let time = rows[index].time.milliseconds
                rows[index].time = Timestamp(milliseconds: factor > 0 ? time / factor : time * -factor)
            }
        }
        let finding = try #require(wrong.first)
        #expect(finding.problem == .suspiciousUnit && finding.severity == .error)
        #expect(finding.places[0].detail.contains("looks like \(name)"))
    }

    @Test func `many findings are counted and the first are kept`() throws {
        let all = try findings { rows in
            for index in stride(from: 0, to: 200, by: 2) { rows[index].volume = -1 }
        }
        let finding = try #require(all.first)
        #expect(finding.count == 100 && finding.places.map(\.row) == [0, 2, 4, 6, 8])
        #expect(finding.description.contains("impossible volume, 100 times, first at"))
    }

    @Test func `the worst comes first`() throws {
        let all = try findings { rows in
            rows[100].open = -1
            rows.insert(rows[50], at: 50)
            rows.remove(at: 10)
        }
        #expect(all.map(\.severity) == [.error, .warning, .note])
    }

    @Test func `no candles at all is an error`() {
        let findings = CandleCheck.findings(in: .empty, timeframe: .oneHour, file: "x")
        #expect(findings.map(\.problem) == [.empty])
    }

    @Test func `the corpus has only gaps`() throws {
        guard let corpus = Corpus.folder else { return }
        let findings = try CandleStore(folder: corpus + "/freqtrade/data").check()
        for finding in findings { print(finding) }
        #expect(findings.allSatisfy { $0.severity < .error })
    }
}
