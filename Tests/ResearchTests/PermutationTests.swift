import Testing

@testable import Research

@Suite struct PermutationTests {
    @Test(arguments: [1, 2, 3, 7, 16, 100, 255, 256, 257, 1000, 4096, 65_537] as [UInt64])
    func `a permutation visits every element exactly once`(count: UInt64) {
        for seed: UInt64 in [0, 1, 42, .max] {
            let permutation = Permutation(count: count, seed: seed)
            let visited = Set((0..<count).map { permutation[$0] })
            #expect(visited.count == Int(count))
            #expect(visited.max() == count - 1)
        }
    }

    @Test func `a permutation of the largest domain stays inside and repeats nothing`() {
        let permutation = Permutation(count: .max, seed: 7)
        let values = (0..<20_000).map { permutation[UInt64.max - 1 - $0 * 1_000_003] }
        #expect(Set(values).count == values.count)
        #expect(values.allSatisfy { $0 < .max })
    }

    /// Over many seeds, each element is first, and stands at each place, about equally often: chi-square with 9 and 81
    /// degrees of freedom stays under a bound that a fair shuffle passes with probability 1 - 1e-6.
    @Test func `the order is uniform over seeds`() {
        let trials = 4000
        var counts = Array(repeating: Array(repeating: 0, count: 10), count: 10)
        for seed in 0..<trials {
            let permutation = Permutation(count: 10, seed: UInt64(seed))
            for place in 0..<10 { counts[place][Int(permutation[UInt64(place)])] += 1 }
        }
        let expected = Double(trials) / 10
        let chi = counts.map { row in row.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected } }
        for (place, value) in chi.enumerated() { #expect(value < 48, "place \(place): chi-square \(value)") }
        #expect(chi.reduce(0, +) * 0.9 < 160)
    }

    @Test func `a sample of neighbours is spread over the domain`() {
        let count: UInt64 = 10_000_000
        let permutation = Permutation(count: count, seed: 3)
        var buckets = Array(repeating: 0, count: 100)
        for index in 0..<UInt64(20_000) { buckets[Int(permutation[index] / 100_000)] += 1 }
        let chi = buckets.reduce(0.0) { $0 + (Double($1) - 200) * (Double($1) - 200) / 200 }
        // 99 degrees of freedom: 99 expected, 180 has probability below 1e-6.
        #expect(chi < 180)
        #expect(chi > 45)
    }

    /// Samples are part of stored definitions: these values must never change.
    @Test func `the order of a seed never changes`() {
        let permutation = Permutation(count: 1000, seed: 42)
        #expect((0..<8).map { permutation[$0] } == PermutationTests.golden)
        #expect(SplitMix64.mix(0) == 0xE220_A839_7B1D_CDAF)
    }

    /// Computed by a program of its own in Python from the description of the network.
    static let golden: [UInt64] = [425, 65, 891, 98, 482, 672, 69, 124]
}
