//! Reduces items to what others can use of them.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Block, Field, Fields, ImplItem, Item, ItemImpl, ItemStruct, Token, Type, TypeInfer,
    Visibility,
};

/// Attributes that are part of what others can use.
const ATTRIBUTES: [&str; 4] = ["cfg", "cfg_attr", "derive", "non_exhaustive"];

/// Returns an item without bodies, comments and private parts, or nothing if nothing is left of it.
pub(crate) fn signature(mut item: Item) -> Option<Item> {
    Reduction.visit_item_mut(&mut item);
    match &mut item {
        Item::Impl(item) if item.trait_.is_none() && item.items.is_empty() => return None,
        Item::Macro(item) if item.ident.is_some() => item.mac.tokens = TokenStream::new(),
        Item::Macro(item) => item.mac.tokens = without_attributes(item.mac.tokens.clone()),
        _ => {}
    }
    Some(item)
}

/// Removes attributes, which are comments for the most part.
fn without_attributes(tokens: TokenStream) -> TokenStream {
    let mut kept = TokenStream::new();
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => drop(tokens.next()),
            TokenTree::Group(group) => {
                let inside = without_attributes(group.stream());
                let group = proc_macro2::Group::new(group.delimiter(), inside);
                kept.extend([TokenTree::Group(group)]);
            }
            token => kept.extend([token]),
        }
    }
    kept
}

struct Reduction;

impl VisitMut for Reduction {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        attributes.retain(|one| ATTRIBUTES.iter().any(|name| one.path().is_ident(name)));
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        block.stmts.clear();
    }

    fn visit_item_impl_mut(&mut self, item: &mut ItemImpl) {
        let is_inherent = item.trait_.is_none();
        item.items.retain(|part| match part {
            ImplItem::Type(_) => true,
            ImplItem::Const(part) => is_inherent && is_open(&part.vis),
            ImplItem::Fn(part) => is_inherent && is_open(&part.vis),
            _ => is_inherent,
        });
        visit_mut::visit_item_impl_mut(self, item);
    }

    fn visit_item_struct_mut(&mut self, item: &mut ItemStruct) {
        visit_mut::visit_item_struct_mut(self, item);
        match &mut item.fields {
            Fields::Named(fields) => {
                let all = std::mem::take(&mut fields.named).into_iter();
                let (open, closed): (Vec<_>, Vec<_>) = all.partition(|field| is_open(&field.vis));
                let hidden = closed.into_iter().take(1).map(hidden);
                fields.named = open.into_iter().chain(hidden).collect();
            }
            Fields::Unnamed(fields) => {
                let closed = fields.unnamed.iter_mut().filter(|field| !is_open(&field.vis));
                closed.for_each(|field| *field = hidden(field.clone()));
            }
            Fields::Unit => {}
        }
    }
}

/// Returns a field that stands for private ones.
fn hidden(field: Field) -> Field {
    let underscore = TypeInfer { attrs: Vec::new(), underscore_token: <Token![_]>::default() };
    let ident = field.ident.as_ref().map(|_| Ident::new("_", Span::call_site()));
    Field { attrs: Vec::new(), ident, ty: Type::Infer(underscore), ..field }
}

fn is_open(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}
