//! Collects the contents of a module.

use proc_macro2::TokenStream;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Block, Field, ImplItem, Item, ItemMod, ItemUse, Local, Macro, Meta, PatIdent, Path,
    TraitItem, Visibility,
};

use crate::cfg::is_production;
use crate::items;
use crate::module::Contents;
use crate::tokens::{names_of, paths_in, paths_in_attribute};
use crate::use_tree::add_imports;

/// Returns the contents of the production code among `items`, and the modules declared in it.
pub(crate) fn collect(items: &[Item]) -> (Contents, Vec<&ItemMod>) {
    let mut collector = Collector::default();
    for item in items {
        collector.visit_item(item);
    }
    (collector.contents, collector.submodules)
}

#[derive(Default)]
struct Collector<'ast> {
    contents: Contents,
    submodules: Vec<&'ast ItemMod>,
    /// Number of enclosing blocks. Items in a block do not belong to the module.
    blocks: usize,
}

impl Collector<'_> {
    fn define(&mut self, item: &Item) {
        if let Some((name, kind)) = items::name_and_kind(item) {
            self.contents.items.insert((name, kind));
        } else if matches!(item, Item::Macro(_)) {
            self.contents.has_made_items = true;
        }
    }

    fn mention(&mut self, path: &Path) {
        self.contents.mentions.insert(names_of(path));
    }
}

impl<'ast> Visit<'ast> for Collector<'ast> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_production(items::attributes(item)) {
            return;
        }
        if self.blocks == 0 {
            self.define(item);
        }
        visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if self.blocks == 0 {
            self.submodules.push(item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        add_imports(&mut self.contents, item, self.blocks > 0);
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        if is_production(items::attributes_in_impl(item)) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        if is_production(items::attributes_in_trait(item)) {
            visit::visit_trait_item(self, item);
        }
    }

    fn visit_field(&mut self, field: &'ast Field) {
        if is_production(&field.attrs) {
            visit::visit_field(self, field);
        }
    }

    fn visit_local(&mut self, local: &'ast Local) {
        if is_production(&local.attrs) {
            visit::visit_local(self, local);
        }
    }

    fn visit_block(&mut self, block: &'ast Block) {
        self.blocks += 1;
        visit::visit_block(self, block);
        self.blocks -= 1;
    }

    fn visit_path(&mut self, path: &'ast Path) {
        self.mention(path);
        visit::visit_path(self, path);
    }

    fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
        let name = pattern.ident.to_string();
        // It looks like a variable, but may be a constant or a unit struct.
        if name.starts_with(char::is_uppercase) {
            self.contents.mentions.insert(vec![name]);
        } else {
            self.contents.variables.insert(name);
        }
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.mention(&call.path);
        self.visit_token_stream(&call.tokens);
    }

    fn visit_token_stream(&mut self, tokens: &'ast TokenStream) {
        self.contents.mentions.extend(paths_in(tokens.clone()));
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta
            && !list.path.is_ident("cfg")
        {
            self.contents.mentions.extend(paths_in_attribute(list.tokens.clone()));
        }
    }

    // The path of `pub(in path)` takes nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}
