use engage_repository::Space;

/// How much room has to stay free where files are kept, so that whatever shares it can go on. Under
/// either of the two no file is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpaceFloor {
    /// How many bytes.
    pub bytes: u64,
    /// How many in a hundred of all there are.
    pub percent: u8,
}

impl Default for SpaceFloor {
    fn default() -> Self {
        Self { bytes: 1024 * 1024 * 1024, percent: 5 }
    }
}

impl SpaceFloor {
    /// Whether there is room for files.
    pub(super) fn allows(self, Space { free, total }: Space) -> bool {
        let share = u128::from(total) * u128::from(self.percent);
        free >= self.bytes && u128::from(free) * 100 >= share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1024 * 1024 * 1024;

    #[test]
    fn files_are_taken_above_both_floors_and_not_under_either() {
        let floor = SpaceFloor::default();
        for (free, total, allows) in [
            (GIB, 20 * GIB, true),
            (GIB - 1, 20 * GIB, false),
            // One more byte than twenty times as much is left.
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
    fn without_a_floor_everything_is_tried() {
        let floor = SpaceFloor { bytes: 0, percent: 0 };
        assert!(floor.allows(Space { free: 0, total: GIB }));
        assert!(floor.allows(Space { free: 0, total: 0 }));
    }
}
