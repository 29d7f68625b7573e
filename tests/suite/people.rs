//! Who signs in: the blueprint's people, known to the embedded provider and to the real ones.

/// Somebody who can sign in.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    pub login: &'static str,
    pub password: &'static str,
    pub name: &'static str,
}

/// Silver.
pub const CARL: Person = Person {
    login: "carl.sagan",
    password: "pale-blue-dot",
    name: "Carl Sagan",
};

/// Silver and gold.
pub const JODIE: Person = Person {
    login: "jodie.foster",
    password: "first-contact",
    name: "Jodie Foster",
};

/// Bronze.
pub const TYCHO: Person = Person {
    login: "tycho.brahe",
    password: "new-star-1572",
    name: "Tycho Brahe",
};

pub const SILVER_SCOPE: &str = "http://myapp.com/scp/silver";
pub const GOLD_SCOPE: &str = "http://myapp.com/scp/gold";
