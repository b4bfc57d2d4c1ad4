//! Staff tokens as rows of the tables `staff_tokens` and `removed_tokens`.

use diesel::dsl::auto_type;
use diesel::prelude::*;
use engage_domain::TokenId;
use engage_repository::{FoundToken, RemovedToken, StaffToken};

use crate::column::{parse, parse_option};
use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::schema::{removed_tokens, staff_tokens};
use crate::staff_row::StaffRow;
use crate::statement::Statement;

/// A token without its secret's hash, whichever table it is in.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = staff_tokens, treat_none_as_default_value = false)]
pub struct TokenRow {
    id: DbId<TokenId>,
    staff_id: String,
    name: Option<String>,
    created_at: DbTimestamp,
    expires_at: Option<DbTimestamp>,
    last_used_at: Option<DbTimestamp>,
    role_ceiling: Option<String>,
    parent_id: Option<DbId<TokenId>>,
    made_by: Option<String>,
}

impl From<&StaffToken> for TokenRow {
    fn from(token: &StaffToken) -> Self {
        Self {
            id: token.id.into(),
            staff_id: token.staff_id.to_string(),
            name: token.name.as_ref().map(ToString::to_string),
            created_at: DbTimestamp(token.created_at),
            expires_at: token.expires_at.map(DbTimestamp),
            last_used_at: token.last_used_at.map(DbTimestamp),
            role_ceiling: token.role_ceiling.map(|role| role.to_string()),
            parent_id: token.parent.map(DbId::from),
            made_by: token.made_by.as_ref().map(ToString::to_string),
        }
    }
}

impl TokenRow {
    /// Returns the token with which this one was made, if any.
    pub fn parent_id(&self) -> Option<DbId<TokenId>> {
        self.parent_id
    }

    /// Converts the row to a token.
    pub fn into_token(self) -> Result<StaffToken, InvalidColumn> {
        Ok(StaffToken {
            id: self.id.get(),
            staff_id: parse(&self.staff_id, "staff id")?,
            name: parse_option(self.name.as_deref(), "token name")?,
            created_at: self.created_at.0,
            expires_at: self.expires_at.map(|at| at.0),
            last_used_at: self.last_used_at.map(|at| at.0),
            role_ceiling: parse_option(self.role_ceiling.as_deref(), "role ceiling")?,
            parent: self.parent_id.map(DbId::get),
            made_by: parse_option(self.made_by.as_deref(), "token maker")?,
        })
    }
}

/// Finds the revoked tokens of a member, the last one first: each as a [`TokenRow`], with the time of
/// the revocation.
#[auto_type(no_type_alias)]
pub fn removed_tokens_of(staff_id: String, limit: i64) -> _ {
    removed_tokens::table
        .filter(removed_tokens::staff_id.eq(staff_id))
        .order_by((removed_tokens::removed_at.desc(), removed_tokens::id.desc()))
        .limit(limit)
        .select((
            (
                removed_tokens::id,
                removed_tokens::staff_id,
                removed_tokens::name,
                removed_tokens::created_at,
                removed_tokens::expires_at,
                removed_tokens::last_used_at,
                removed_tokens::role_ceiling,
                removed_tokens::parent_id,
                removed_tokens::made_by,
            ),
            removed_tokens::removed_at,
        ))
}

/// Converts a revoked token.
pub fn removed_token(
    (token, removed_at): (TokenRow, DbTimestamp),
) -> Result<RemovedToken, InvalidColumn> {
    Ok(RemovedToken { token: token.into_token()?, removed_at: removed_at.0 })
}

/// Converts a token that was found by one of its secrets. `superseded_until` is set if that secret
/// has been rotated and is accepted for a while.
pub fn found_token(
    token: TokenRow,
    owner: StaffRow,
    superseded_until: Option<DbTimestamp>,
) -> Result<FoundToken, InvalidColumn> {
    let superseded_until = superseded_until.map(|at| at.0);
    Ok(FoundToken { token: token.into_token()?, owner: owner.into_member()?, superseded_until })
}

/// Selects the tokens of a member that are to be revoked. Those that were made with them follow.
pub enum RevokedTokens {
    /// One token.
    One(TokenId),
    /// The tokens that another member made, by that member's id.
    MadeBy(String),
    /// Every token.
    All,
}

impl RevokedTokens {
    /// Begins a statement with the tokens of a member to revoke, as `gone`.
    pub fn select(&self, staff_id: &str) -> Statement<()> {
        let mut sql = Statement::new(
            "WITH RECURSIVE gone (id) AS (SELECT id FROM staff_tokens WHERE staff_id = ",
        );
        sql.bind(staff_id);
        match self {
            Self::One(id) => sql.push(" AND id = ").bind(DbId::from(*id)),
            Self::MadeBy(member) => sql.push(" AND made_by = ").bind(member.as_str()),
            Self::All => &mut sql,
        };
        sql.push(
            " UNION SELECT child.id FROM staff_tokens AS child JOIN gone ON child.parent_id = gone.id)",
        );
        sql
    }
}
