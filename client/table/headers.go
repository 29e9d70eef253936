package table

import (
	"slices"
	"strings"
)

// headers are the names that columns of a field have in English, German, French and Spanish, separated by commas.
// After a bar are names that only count if there is nothing else in the header.
//
//nolint:misspell // other languages
var headers = []struct{ field, names string }{
	{"end", `end date, contract end, end of contract, license end, support end, maintenance end, ends, ends on, expires, expires on, expires at, expiry, expiry date, expiration, expiration date, valid until, valid to, valid till,
		valid through, ablauf, ablaufdatum, vertragsende, endet, endet am, enddatum, lizenzende, laufzeitende, wartungsende, supportende, gültig bis, läuft ab, läuft ab am, laufzeit bis, date de fin, fin de contrat,
		date d'expiration, expire le, échéance, date d'échéance, fecha de vencimiento, vencimiento, fecha de fin, fin de contrato, fecha de expiración, expiración, caducidad, fecha de caducidad, válido hasta
		| end, ende, bis, until, fin, due date`},
	{"start", `start date, contract start, valid from, purchase date, purchased on, begin date, effective date, startdatum, vertragsbeginn, laufzeitbeginn, lizenzbeginn, beginn, gültig ab, gültig von, kaufdatum,
		date de début, date d'achat, fecha de inicio, fecha de compra | start, begin, from, von, ab, début, inicio`},
	{"grace_end", `grace end, grace period end, end of grace period`},
	{"renewal_date", `renewal date, next renewal, renews on, verlängerungsdatum, verlängerung am, nächste verlängerung, date de renouvellement, fecha de renovación`},
	{"renewal", `auto renew, auto renewal, auto renews, automatic renewal, renews automatically, automatische verlängerung, verlängert automatisch, tacite reconduction, reconduction, renovación automática
		| renewal, renews, verlängerung, renouvellement, renovación`},
	{"notice", `notice period, notice, cancellation period, kündigungsfrist, frist tage, préavis, délai de préavis, preaviso, plazo de preaviso | frist`},
	{"assigned", `in use, seats in use, licenses in use, used, seats used, used seats, licenses used, used licenses, assigned, assigned seats, assigned licenses, consumed, allocated, belegt, vergeben, zugewiesen, genutzt,
		in nutzung, in benutzung, in verwendung, verwendet, verbraucht, utilisé, utilisés, utilisées, attribuées, usadas, asignadas, en uso | installed, deployed, installiert, installations`},
	{"available", `available seats, free seats, available licenses, free licenses, remaining seats, freie lizenzen, verfügbare lizenzen, licences disponibles, licencias disponibles
		| available, free, remaining, unused, verfügbar, frei, disponible, disponibles, libres, restant`},
	{"minimum_available_seats", `minimum available seats, minimum free seats, min amt, minimum quantity, mindestbestand, stock minimum, stock mínimo`},
	{"seats", `seats, number of seats, number of licenses, license count, licenses purchased, purchased licenses, total licenses, total seats, quantity, qty, anzahl, anzahl lizenzen, lizenzanzahl, lizenzmenge, menge,
		stückzahl, plätze, quantité, nombre de licences, cantidad, número de licencias | licenses, licences, lizenzen, licencias, count, total, purchased`},
	{"cost", `cost, costs, annual cost, total cost, price, kosten, jahreskosten, preis, betrag, coût, prix, montant, costo, coste, precio, importe | amount, value, wert`},
	{"currency", `currency, währung, devise, moneda, divisa`},
	{"order_id", `order id, order number, order no, purchase order, po number, bestellnummer, bestellung, auftragsnummer, numéro de commande, número de pedido | order, po, commande, pedido`},
	{"manufacturer", `manufacturer, publisher, vendor, hersteller, anbieter, fabricant, éditeur, fabricante`},
	{"product_type", `product type, license type, licence type, category, lizenztyp, lizenzart, kategorie, type de licence, catégorie, tipo de licencia, categoría | type, typ, art, tipo`},
	{"organization", `company, organization, organisation, customer, client, tenant, subsidiary, legal entity, firma, unternehmen, kunde, gesellschaft, mandant, société, entreprise, organización, empresa, cliente
		| entity`},
	{"product_name", `product name, software name, produktname, nom du produit, nombre del producto`},
	{"product", `product, software, application, produkt, anwendung, produit, logiciel, producto | sku, item, artikel, license, licence, lizenz, licencia`},
	{"id", `contract, contract number, contract no, contract id, agreement, agreement number, license id, asset id, asset tag, vertrag, vertragsnummer, vertragsnr, vertrags nr, contrat, numéro de contrat, contrato,
		número de contrato, lizenznummer | id, reference, ref, referenz, nummer, nr, no, number, número, numéro`},
	{"name", `contract name, license name, vertragsname, lizenzname, bezeichnung | name, title, titel, nom, nombre, titre, título`},
	{"state", `status, contract status, license status, statut, estado | state, zustand, état`},
	{"in_force", `in force, is active | active, aktiv, actif, activo, vigente`},
	{"compliant", `compliant, konform, conforme`},
	{"unit", `unit, license metric, einheit, metrik, lizenzmetrik, unité, unidad | metric`},
	{"owner", `owner, owner team, owning team, team, responsible team, department, abteilung, équipe, equipo, departamento`},
	{"muted", `muted, stumm`},
}

// peopleWords are words in the names of columns with people.
//
//nolint:misspell // other languages
var peopleWords = foldedWords(`user users mail email emails e-mail contact contacts ansprechpartner ansprechpartnerin kontakt benutzer nutzer usuario usuarios utilisateur utilisateurs phone telephone telefon teléfono
	employee employees mitarbeiter requester buyer person persona manager vorname nachname surname firstname lastname fullname username login assignee responsable verantwortlicher verantwortliche inhaber besitzer licensed`)

// perpetual are words for no end that tables use.
var perpetual = foldedWords(`perpetual unlimited lifetime permanent forever unbefristet unbegrenzt dauerhaft illimité illimitée perpétuel perpétuelle perpetuo perpetua indefinido ilimitado permanente - – ∞`)

var fold = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "é", "e", "è", "e", "ê", "e", "á", "a", "à", "a", "â", "a", "í", "i", "î", "i", "ó", "o", "ô", "o", "ú", "u", "û", "u", "ñ", "n", "ç", "c")

func foldedWords(text string) []string { return strings.Fields(fold.Replace(text)) }

// headerWords returns the words of a column's name for comparison, without those that do not matter.
func headerWords(name string) []string {
	split := splitWords(name)
	for i, word := range split {
		split[i] = fold.Replace(word)
	}
	return slices.DeleteFunc(split, func(word string) bool {
		return slices.Contains([]string{"of", "the", "de", "du", "des", "d", "la", "le", "l", "les", "del", "el", "der", "die", "das"}, word)
	})
}

// fit returns how well a column's name fits one of the names of a field, 0 if it does not.
func fit(column []string, names string) int {
	partial, whole, _ := strings.Cut(names, "|")
	best := 0
	for i, list := range [...]string{partial, whole} {
		for name := range strings.SplitSeq(list, ",") {
			words := headerWords(name)
			switch at := index(column, words); {
			case len(words) == 0 || at < 0:
			case len(words) == len(column):
				best = max(best, 100+len(words)-10*i)
			case i == 0:
				best = max(best, 10*len(words)+at)
			}
		}
	}
	return best
}

// index returns where some words are within others, -1 if they are not.
func index(words, part []string) int {
	for i := range len(words) - len(part) + 1 {
		if slices.Equal(words[i:i+len(part)], part) {
			return i
		}
	}
	return -1
}

// isPeople reports whether a column has people by its name or a sample.
func isPeople(column []string, samples []string) bool {
	return slices.ContainsFunc(column, func(word string) bool { return slices.Contains(peopleWords, word) }) ||
		index(column, []string{"assigned", "to"}) >= 0 || slices.ContainsFunc(samples, email.MatchString)
}

// looksLikePerson reports whether a text may be a person's name: two or three words in title case.
func looksLikePerson(text string) bool {
	split := strings.Fields(text)
	return len(split) >= 2 && len(split) <= 3 && !slices.ContainsFunc(split, func(word string) bool { return word != strings.ToUpper(word[:1])+word[1:] })
}
