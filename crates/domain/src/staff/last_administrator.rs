//! One active administrator always remains.

use super::StaffMember;

impl StaffMember {
    /// Checks whether changing this member to `after` would leave no active administrator.
    ///
    /// `others` is the number of active administrators besides this member. It has to be counted in
    /// the transaction that makes the change: otherwise two administrators who leave at once would
    /// each rely on the other. Without an administrator, nobody could be given access again.
    ///
    /// ```
    /// # use engage_domain::{Role, StaffMember};
    /// # let joined = "2025-01-27T10:00:00Z".parse()?;
    /// # let (id, name, email) = ("ann".parse()?, "Ann".parse()?, "ann@desk.example".parse()?);
    /// let ann = StaffMember::new(id, name, email, Role::Admin, joined);
    /// let demoted = StaffMember { role: Role::Supervisor, ..ann.clone() };
    /// assert!(ann.leaves_no_administrator(&demoted, 0));
    /// assert!(!ann.leaves_no_administrator(&demoted, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn leaves_no_administrator(&self, after: &Self, others: u64) -> bool {
        self.is_active_admin() && !after.is_active_admin() && others == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::Role;
    use crate::time::Timestamp;

    const JOINED: Timestamp = Timestamp::EPOCH;

    fn member(role: Role, deactivated_at: Option<Timestamp>) -> StaffMember {
        let [id, name, email] = ["ann", "Ann", "ann@desk.example"];
        let (id, name, email) =
            (id.parse().unwrap(), name.parse().unwrap(), email.parse().unwrap());
        StaffMember { deactivated_at, ..StaffMember::new(id, name, email, role, JOINED) }
    }

    #[test]
    fn the_last_active_administrator_neither_leaves_nor_steps_down() {
        let admin = member(Role::Admin, None);
        for after in [
            member(Role::Supervisor, None),
            member(Role::Agent, None),
            member(Role::Admin, Some(JOINED)),
        ] {
            assert!(admin.leaves_no_administrator(&after, 0));
            assert!(!admin.leaves_no_administrator(&after, 1));
        }
    }

    #[test]
    fn other_changes_need_no_other_administrator() {
        let admin = member(Role::Admin, None);
        for (before, after) in [
            (&admin, &admin),
            (&member(Role::Agent, None), &member(Role::Agent, Some(JOINED))),
            (&member(Role::Agent, None), &admin),
            (&member(Role::Admin, Some(JOINED)), &member(Role::Agent, None)),
        ] {
            assert!(!before.leaves_no_administrator(after, 0));
        }
    }
}
