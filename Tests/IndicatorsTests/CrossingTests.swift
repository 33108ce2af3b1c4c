import Indicators
import Market
import Testing

@Suite struct CrossingTests {
    @Test func `a crossing needs the row before and four numbers`() {
        let a = Column([1.0, 3, 3, .nan, 3, 1])
        let b = Column([2.0, 2, 3, 2, 2, 1])
        #expect((0..<6).filter { a.crossesAbove(b, at: $0) } == [1])
        #expect((0..<6).filter { a.crossesBelow(b, at: $0) } == [])
        #expect((0..<6).filter { b.crossesBelow(a, at: $0) } == [1])
        #expect((0..<6).filter { a.crossesAbove(2, at: $0) } == [1])
        #expect((0..<6).filter { a.crossesBelow(2, at: $0) } == [5])
    }
}
