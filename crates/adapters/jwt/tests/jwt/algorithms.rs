//! Tests of signatures and their algorithms.

use engage_testkit::identity_provider::{Signer, base64, hmac_token, unsigned};
use serde_json::json;

use crate::support::{claims, is_taken, verifier};

fn all_kinds() -> [Signer; 3] {
    [Signer::rsa(), Signer::ec(), Signer::ed()]
}

#[tokio::test]
async fn tokens_signed_by_rs256_es256_and_eddsa_are_accepted() {
    for signer in all_kinds() {
        let verifier = verifier(&[signer.jwk("k")]);
        assert!(is_taken(&verifier, &signer.token("k", &claims())).await, "{}", signer.algorithm());
    }
}

#[tokio::test]
async fn each_of_several_keys_is_found_by_its_id() {
    let signers = all_kinds();
    let another = Signer::rsa();
    let mut keys: Vec<_> = signers.iter().map(|signer| signer.jwk(signer.algorithm())).collect();
    keys.push(another.jwk("another"));
    let verifier = verifier(&keys);
    for signer in &signers {
        assert!(is_taken(&verifier, &signer.token(signer.algorithm(), &claims())).await);
        // The ID of a key that did not sign it.
        assert!(!is_taken(&verifier, &signer.token("another", &claims())).await);
    }
    assert!(is_taken(&verifier, &another.token("another", &claims())).await);
}

#[tokio::test]
async fn a_token_without_a_signature_is_refused() {
    for signer in all_kinds() {
        let verifier = verifier(&[signer.jwk("k")]);
        for algorithm in ["none", "None", "NONE", "nOnE", ""] {
            let header = json!({"alg": algorithm, "kid": "k"});
            for end in [".", "", ".AAAA"] {
                let token = unsigned(&header, &claims()) + end;
                assert!(!is_taken(&verifier, &token).await, "{algorithm:?} {end:?}");
            }
        }
        // The algorithm is right, but the signature is missing.
        let header = json!({"alg": signer.algorithm(), "kid": "k"});
        assert!(!is_taken(&verifier, &(unsigned(&header, &claims()) + ".")).await);
    }
}

#[tokio::test]
async fn an_hmac_made_with_a_public_key_is_refused() {
    for signer in all_kinds() {
        let jwk = signer.jwk("k");
        let verifier = verifier(std::slice::from_ref(&jwk));
        let header = json!({"alg": "HS256", "typ": "JWT", "kid": "k"});
        let point_without_form = &signer.public_key()[1..];
        for key in [signer.public_key(), point_without_form, jwk.to_string().as_bytes(), b""] {
            assert!(!is_taken(&verifier, &hmac_token(&header, &claims(), key)).await);
        }
    }
}

#[tokio::test]
async fn a_symmetric_key_published_by_mistake_is_ignored() {
    let secret = b"a secret that everybody knows....";
    let octets = json!({"kty": "oct", "kid": "s", "alg": "HS256", "k": base64(secret)});
    let verifier = verifier(&[Signer::ec().jwk("k"), octets]);
    let header = json!({"alg": "HS256", "kid": "s"});
    assert!(!is_taken(&verifier, &hmac_token(&header, &claims(), secret)).await);
}

#[tokio::test]
async fn a_token_with_another_algorithm_than_its_key_is_refused() {
    for signer in all_kinds() {
        let verifier = verifier(&[signer.jwk("k")]);
        for algorithm in ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA", "HS512"] {
            if algorithm != signer.algorithm() {
                let header = json!({"alg": algorithm, "kid": "k"});
                let token = signer.token_with(&header, &claims());
                assert!(!is_taken(&verifier, &token).await, "{algorithm}");
            }
        }
    }
}

#[tokio::test]
async fn a_token_that_was_changed_is_refused() {
    let signer = Signer::ec();
    let verifier = verifier(&[signer.jwk("k")]);
    let token = signer.token("k", &claims());
    let [header, body, signature]: [&str; 3] =
        token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let mut others = claims();
    others["sub"] = json!("boss");
    let other_body = base64(others.to_string());
    let mut other_signature = signature.to_owned().into_bytes();
    other_signature[10] = if other_signature[10] == b'A' { b'B' } else { b'A' };
    let other_signature = String::from_utf8(other_signature).unwrap();
    let cut = &signature[..signature.len() - 4];
    for changed in [
        format!("{header}.{other_body}.{signature}"),
        format!("{header}.{body}.{other_signature}"),
        format!("{header}.{body}.{cut}"),
        format!("{header}.{body}.{signature}AAAA"),
        format!("{header}.{body}.{signature}.{signature}"),
        format!("{header}.{body}"),
        format!("{token} "),
    ] {
        assert!(!is_taken(&verifier, &changed).await, "{changed}");
    }
    assert!(is_taken(&verifier, &token).await);
}

#[tokio::test]
async fn a_token_signed_by_a_stranger_is_refused_even_if_it_includes_the_key() {
    let (signer, stranger) = (Signer::rsa(), Signer::rsa());
    let verifier = verifier(&[signer.jwk("k")]);
    assert!(!is_taken(&verifier, &stranger.token("k", &claims())).await);
    let header = json!({
        "alg": "RS256", "kid": "k", "jwk": stranger.jwk("k"), "jku": "https://evil.example/keys",
    });
    assert!(!is_taken(&verifier, &stranger.token_with(&header, &claims())).await);
}

#[tokio::test]
async fn a_token_of_an_unknown_key_is_refused() {
    let signer = Signer::ed();
    let verifier = verifier(&[signer.jwk("k")]);
    for id in ["", "K", "k ", "other", "../../k"] {
        assert!(!is_taken(&verifier, &signer.token(id, &claims())).await, "{id:?}");
    }
}

#[tokio::test]
async fn a_token_without_a_key_id_matches_the_only_key_of_its_algorithm() {
    let (first, second, rsa) = (Signer::ec(), Signer::ec(), Signer::rsa());
    let nameless =
        |signer: &Signer| signer.token_with(&json!({"alg": signer.algorithm()}), &claims());
    let one = verifier(&[first.jwk("1"), rsa.jwk("3")]);
    assert!(is_taken(&one, &nameless(&first)).await);
    assert!(is_taken(&one, &nameless(&rsa)).await);
    let two = verifier(&[first.jwk("1"), second.jwk("2"), rsa.jwk("3")]);
    assert!(!is_taken(&two, &nameless(&first)).await);
    assert!(is_taken(&two, &nameless(&rsa)).await);
}

#[tokio::test]
async fn a_token_with_a_critical_header_extension_is_refused() {
    let signer = Signer::ec();
    let verifier = verifier(&[signer.jwk("k")]);
    let header = json!({"alg": "ES256", "kid": "k", "crit": ["exp"], "exp": 1});
    assert!(!is_taken(&verifier, &signer.token_with(&header, &claims())).await);
    let header = json!({"alg": "ES256", "kid": "k", "crit": ["b64"], "b64": false});
    assert!(!is_taken(&verifier, &signer.token_with(&header, &claims())).await);
}

#[tokio::test]
async fn malformed_tokens_identify_no_member() {
    let signer = Signer::ec();
    let verifier = verifier(&[signer.jwk("k")]);
    let not_an_object = signer.token_with(&json!({"alg": "ES256", "kid": "k"}), &json!([1]));
    for text in [
        "",
        ".",
        "..",
        "...",
        "eng_abababab",
        "a.b.c",
        "Ä.Ö.Ü",
        "eyJhbGciOiJFUzI1NiJ9..",
        &".".repeat(10_000),
        &"a".repeat(100_000),
        &not_an_object,
    ] {
        assert!(!is_taken(&verifier, text).await, "{}", &text[..text.len().min(40)]);
    }
}
