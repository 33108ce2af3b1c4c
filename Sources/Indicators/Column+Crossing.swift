public import Market

// Crossings compare as pandas does: any comparison with NaN is false, so nothing crosses during the warm-up.

extension Column where Element == Double {
    /// Whether this column rises over `other` in `row`: above it there, and not above it in the row before.
    ///
    /// False in row 0 and wherever one of the four numbers is NaN.
    @inlinable
    public func crossesAbove(_ other: Column, at row: Int) -> Bool {
        row > 0 && self[row] > other[row] && self[row - 1] <= other[row - 1]
    }

    /// Whether this column falls under `other` in `row`: below it there, and not below it in the row before.
    @inlinable
    public func crossesBelow(_ other: Column, at row: Int) -> Bool {
        row > 0 && self[row] < other[row] && self[row - 1] >= other[row - 1]
    }

    /// Whether this column rises over the fixed `level` in `row`.
    @inlinable
    public func crossesAbove(_ level: Double, at row: Int) -> Bool {
        row > 0 && self[row] > level && self[row - 1] <= level
    }

    /// Whether this column falls under the fixed `level` in `row`.
    @inlinable
    public func crossesBelow(_ level: Double, at row: Int) -> Bool {
        row > 0 && self[row] < level && self[row - 1] >= level
    }
}
