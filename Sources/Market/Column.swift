/// An immutable column of numbers whose memory somebody keeps alive: an array, or a mapped file read without a copy.
///
/// A column is cheap to copy and to share between threads. Hot loops take `base` once and index it.
public struct Column<Element: BitwiseCopyable & Sendable>: RandomAccessCollection, @unchecked Sendable {
    // Sendable because the memory is never written after `init`, and `owner` is only held, never called.
    private let owner: AnyObject?
    /// The first element; valid while this column, or a copy of it, lives. Never dereferenced where `count` is 0.
    public let base: UnsafePointer<Element>
    /// How many elements there are.
    public let count: Int

    private final class Buffer {
        let memory: UnsafeMutableBufferPointer<Element>
        init(_ elements: some Collection<Element>) {
            memory = .allocate(capacity: Swift.max(elements.count, 1))
            _ = memory.initialize(from: elements)
        }
        deinit { memory.deallocate() }
    }

    /// A column that holds a copy of `elements`.
    public init(_ elements: some Collection<Element>) {
        let buffer = Buffer(elements)
        owner = buffer
        count = elements.count
        base = UnsafePointer(buffer.memory.baseAddress.unsafelyUnwrapped)
    }

    /// A column over memory that `owner` keeps alive and nobody writes. `base` must be aligned for `Element`.
    public init(owner: AnyObject, base: UnsafePointer<Element>, count: Int) {
        precondition(count >= 0, "a column of negative length")
        self.owner = owner
        self.base = base
        self.count = count
    }

    private init(sharing other: Column, from lower: Int, count: Int) {
        owner = other.owner
        base = other.base + lower
        self.count = count
    }

    /// Always 0.
    @inlinable public var startIndex: Int { 0 }
    /// The count.
    @inlinable public var endIndex: Int { count }

    /// The element at `position`. Traps outside of the column.
    @inlinable public subscript(position: Int) -> Element {
        precondition(position >= 0 && position < count, "index outside of the column")
        return base[position]
    }

    /// The rows in `rows`, sharing this column's memory. Traps where they are not all in the column.
    public func slice(_ rows: Range<Int>) -> Column {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= count, "rows outside of the column")
        return Column(sharing: self, from: rows.lowerBound, count: rows.count)
    }

    /// All elements as a buffer, valid while the column lives.
    public var buffer: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: base, count: count) }
}
