//! Domains at which anybody can have an address.

use std::collections::BTreeSet;

use super::domain_name::DomainName;

/// Domains of mail providers at which anybody can have an address, so that they say nothing about
/// an organization.
///
/// The list of the program names the domains that the largest mail and internet providers offer on
/// their own sign-up and help pages, by country. It cannot be complete; others can be
/// [added](Self::with).
///
/// ```
/// use engage_domain::organization::PublicDomains;
///
/// let public = PublicDomains::default().with(["mail.city.example".parse()?]);
/// assert!(public.contains(&"gmail.com".parse()?));
/// assert!(public.contains(&"mail.city.example".parse()?));
/// assert!(!public.contains(&"example.com".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PublicDomains {
    added: BTreeSet<DomainName>,
}

impl PublicDomains {
    /// Adds domains to the list of the program.
    #[must_use]
    pub fn with(mut self, domains: impl IntoIterator<Item = DomainName>) -> Self {
        self.added.extend(domains);
        self
    }

    /// Checks whether anybody can have an address of the domain.
    pub fn contains(&self, domain: &DomainName) -> bool {
        let is_listed = listed().any(|listed| listed == domain.as_str());
        is_listed || self.added.contains(domain)
    }
}

fn listed() -> impl Iterator<Item = &'static str> {
    PROVIDERS.iter().flat_map(|domains| domains.split_whitespace())
}

/// Domains of the providers: worldwide ones first, then by country.
const PROVIDERS: &[&str] = &[
    // Google.
    "gmail.com googlemail.com",
    // Microsoft.
    "hotmail.be hotmail.ca hotmail.co.jp hotmail.co.uk hotmail.com hotmail.de hotmail.es \
     hotmail.fr hotmail.it hotmail.nl live.be live.ca live.co.uk live.com live.com.au \
     live.com.mx live.de live.dk live.fr live.it live.nl live.se msn.com outlook.at \
     outlook.be outlook.com outlook.com.br outlook.cz outlook.de outlook.dk outlook.es \
     outlook.fr outlook.ie outlook.in outlook.it outlook.jp outlook.pt passport.com \
     windowslive.com",
    // Yahoo and AOL.
    "aim.com aol.co.uk aol.com aol.de aol.fr myyahoo.com rocketmail.com yahoo.at yahoo.be \
     yahoo.ca yahoo.co.id yahoo.co.in yahoo.co.jp yahoo.co.nz yahoo.co.uk yahoo.com \
     yahoo.com.ar yahoo.com.au yahoo.com.br yahoo.com.hk yahoo.com.mx yahoo.com.ph \
     yahoo.com.sg yahoo.com.tr yahoo.com.tw yahoo.com.vn yahoo.de yahoo.dk yahoo.es \
     yahoo.fr yahoo.gr yahoo.ie yahoo.in yahoo.it yahoo.nl yahoo.no yahoo.pl yahoo.ro \
     yahoo.se ymail.com",
    // Apple.
    "icloud.com mac.com me.com privaterelay.appleid.com",
    // Proton, Tuta, Fastmail, Hushmail, Mailfence, Zoho, DuckDuckGo, Mozilla.
    "duck.com fastmail.com fastmail.fm hushmail.com keemail.me mailfence.com mozmail.com \
     pm.me proton.me protonmail.ch protonmail.com tuta.com tuta.io tutamail.com \
     tutanota.com tutanota.de zohomail.com zohomail.eu",
    // mail.com and GMX worldwide.
    "consultant.com email.com engineer.com europe.com gmx.com gmx.co.uk gmx.us mail.com \
     post.com usa.com",
    // Germany, Austria and Switzerland.
    "arcor.de aon.at bluewin.ch freenet.de gmx.at gmx.ch gmx.de gmx.net hispeed.ch \
     mail.de mailbox.org online.de posteo.de t-online.de vodafone.de web.de",
    // France, Belgium and Luxembourg.
    "bbox.fr club-internet.fr free.fr gmx.fr laposte.net neuf.fr numericable.fr orange.fr \
     pt.lu sfr.fr skynet.be telenet.be wanadoo.fr",
    // Italy, Spain and Portugal.
    "alice.it gmx.es gmx.it iol.pt libero.it sapo.pt telefonica.net terra.es tim.it \
     tin.it tiscali.it virgilio.it",
    // The Netherlands, the United Kingdom and Ireland.
    "blueyonder.co.uk btinternet.com btopenworld.com eircom.net hetnet.nl home.nl \
     kpnmail.nl ntlworld.com planet.nl sky.com talktalk.net tiscali.co.uk virginmedia.com \
     xs4all.nl ziggo.nl",
    // The Nordic and Baltic countries.
    "inbox.lv mail.ee mail.dk online.no telia.com",
    // Poland, Czechia, Slovakia, Hungary, Romania, Bulgaria and Greece.
    "abv.bg azet.sk centrum.cz centrum.sk citromail.hu email.cz freemail.hu gazeta.pl \
     interia.pl mail.bg o2.pl onet.eu onet.pl op.pl otenet.gr poczta.fm post.cz seznam.cz \
     tlen.pl vp.pl wp.pl",
    // Russia and Ukraine.
    "bk.ru i.ua inbox.ru internet.ru list.ru mail.ru meta.ua rambler.ru ukr.net ya.ru \
     yandex.com yandex.kz yandex.ru yandex.ua",
    // The United States and Canada.
    "att.net bell.net bellsouth.net charter.net comcast.net cox.net earthlink.net \
     frontier.com juno.com netzero.net optonline.net rogers.com sbcglobal.net shaw.ca \
     spectrum.net sympatico.ca telus.net verizon.net videotron.ca windstream.net",
    // Latin America.
    "bol.com.br fibertel.com.ar globo.com ig.com.br prodigy.net.mx r7.com terra.com.br \
     uol.com.br",
    // China and Taiwan.
    "126.com 139.com 163.com 188.com 189.cn 21cn.com aliyun.com foxmail.com hinet.net \
     pchome.com.tw qq.com sina.cn sina.com sohu.com tom.com wo.cn yeah.net",
    // Japan and Korea.
    "daum.net docomo.ne.jp excite.co.jp ezweb.ne.jp hanmail.net i.softbank.jp kakao.com \
     nate.com naver.com nifty.com softbank.ne.jp",
    // India, Israel and Turkey.
    "mynet.com rediffmail.com walla.co.il walla.com",
    // Australia, New Zealand and South Africa.
    "bigpond.com bigpond.net.au iinet.net.au mweb.co.za optusnet.com.au telkomsa.net \
     tpg.com.au vodamail.co.za xtra.co.nz",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_domain_is_written_once_and_in_the_form_in_which_it_is_looked_up() {
        let mut seen = BTreeSet::new();
        for text in listed() {
            assert_eq!(text.parse::<DomainName>().unwrap().as_str(), text);
            assert!(seen.insert(text), "{text}");
        }
        assert!(seen.len() > 200);
    }

    #[test]
    fn a_subdomain_of_a_public_domain_is_not_public() {
        let domain = "shop.gmail.com".parse().unwrap();
        assert!(!PublicDomains::default().contains(&domain));
    }
}
