import Testing

@testable import Fleet

@Suite struct RecentTableTests {
    @Test func `beyond the limit the one set longest ago goes, and no other`() {
        var table = RecentTable<Int, String>(limit: 3)
        for key in 1...3 { table.set("\(key)", for: key) }
        table.set("again", for: 1)
        table.set("4", for: 4)
        #expect(table[2] == nil)
        #expect(table[1] == "again" && table[3] == "3" && table[4] == "4")
        table.remove(3)
        table.set("5", for: 5)
        #expect(table[1] == "again" && table[4] == "4" && table[5] == "5" && table.count == 3)
    }

    @Test func `it does what a list that is searched does`() {
        let seed: UInt64 = 20_000
        print("recent table: seed \(seed)")
        var state = seed
        func next(_ bound: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % bound)
        }
        for limit in [1, 2, 7, 50] {
            var table = RecentTable<Int, Int>(limit: limit)
            var list: [(key: Int, value: Int)] = []
            for step in 0..<5000 {
                let key = next(UInt64(limit) * 2 + 1)
                list.removeAll { $0.key == key }
                if next(5) == 0 {
                    table.remove(key)
                } else {
                    table.set(step, for: key)
                    list.append((key, step))
                    if list.count > limit { list.removeFirst() }
                }
                let probe = next(UInt64(limit) * 2 + 1)
                #expect(table[probe] == list.first { $0.key == probe }?.value)
                #expect(table.count == list.count)
            }
        }
    }
}
