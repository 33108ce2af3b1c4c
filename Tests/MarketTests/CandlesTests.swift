import Market
import Testing

@Suite struct CandlesTests {
    private final class Owner {
        let memory = UnsafeMutableBufferPointer<Double>.allocate(capacity: 4)
        let released: () -> Void
        init(_ released: @escaping () -> Void) {
            self.released = released
            _ = memory.initialize(from: [1, 2, 3, 4])
        }
        deinit {
            memory.deallocate()
            released()
        }
    }

    @Test func `a slice of a column shares its memory and keeps the owner alive`() throws {
        var isReleased = false
        var slice: Column<Double>?
        do {
            let owner = Owner { isReleased = true }
            let base = try #require(owner.memory.baseAddress)
            let column = Column(owner: owner, base: UnsafePointer(base), count: 4)
            slice = column.slice(1..<3)
            #expect(slice?.base == column.base + 1)
        }
        #expect(!isReleased)
        #expect(slice.map(Array.init) == [2, 3])
        slice = nil
        #expect(isReleased)
    }

    @Test func `an empty column is a collection of nothing`() {
        let column = Column<Double>([])
        #expect(column.isEmpty && Array(column).isEmpty && column.first == nil && column.slice(0..<0).count == 0)
        #expect(Candles.empty.count == 0)
    }

    @Test func `rows outside of a column trap`() async {
        await #expect(processExitsWith: .failure) { _ = Column([1.0, 2.0])[2] }
        await #expect(processExitsWith: .failure) { _ = Column([1.0, 2.0]).slice(1..<3) }
        await #expect(processExitsWith: .failure) {
            _ = Candles(
                times: Column([1]), open: Column([]), high: Column([]), low: Column([]), close: Column([]), volume: Column([]))
        }
    }

    @Test func `a slice of candles has the same rows`() {
        let times = Column<Int64>([10, 20, 30])
        let prices = Column([1.0, 2, 3])
        let candles = Candles(times: times, open: prices, high: prices, low: prices, close: prices, volume: prices)
        let part = candles.slice(1..<3)
        #expect(part.count == 2)
        #expect(part.candle(at: 0) == candles.candle(at: 1))
        #expect(part.candle(at: 1) == Candle(time: Timestamp(milliseconds: 30), open: 3, high: 3, low: 3, close: 3, volume: 3))
    }
}
