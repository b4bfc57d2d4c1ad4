use engage_repository::Space;

/// Minimum free space in the file storage, which protects other users of the same volume. Files are
/// refused if the free space falls below either limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpaceFloor {
    /// Free bytes.
    pub bytes: u64,
    /// Free share of the capacity, in percent.
    pub percent: u8,
}

impl Default for SpaceFloor {
    fn default() -> Self {
        Self { bytes: 1024 * 1024 * 1024, percent: 5 }
    }
}

impl SpaceFloor {
    /// Checks whether the free space meets both limits.
    pub fn allows(self, space: Space) -> bool {
        let Space { free, total } = space;
        let share = u128::from(total) * u128::from(self.percent);
        free >= self.bytes && u128::from(free) * 100 >= share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1024 * 1024 * 1024;

    #[test]
    fn files_are_accepted_only_above_both_limits() {
        let floor = SpaceFloor::default();
        for (free, total, allows) in [
            (GIB, 20 * GIB, true),
            (GIB - 1, 20 * GIB, false),
            // One byte more than twenty times the free space.
            (GIB, 20 * GIB + 1, false),
            (5 * GIB, 100 * GIB, true),
            (5 * GIB - 1, 100 * GIB, false),
            (0, 0, false),
            (u64::MAX, u64::MAX, true),
        ] {
            assert_eq!(floor.allows(Space { free, total }), allows, "{free} of {total}");
        }
    }

    #[test]
    fn without_limits_every_file_is_accepted() {
        let floor = SpaceFloor { bytes: 0, percent: 0 };
        assert!(floor.allows(Space { free: 0, total: GIB }));
        assert!(floor.allows(Space { free: 0, total: 0 }));
    }
}
