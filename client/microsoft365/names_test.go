package microsoft365

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"license_exporter/client/scalar"
)

// newNames is the vendor's file, for the list of names to be made again.
var newNames = flag.String("names", "", "the vendor's CSV file of which names.tsv is made again")

type name struct{ guid, partNumber, text string }

// reduce reads the vendor's file, which has a row for each service plan of each SKU. It returns one for each SKU, sorted by
// name.
func reduce(file io.Reader) ([]name, error) {
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, err
	}
	columns := []int{}
	for _, title := range []string{"GUID", "String_Id", "Product_Display_Name"} {
		columns = append(columns, slices.IndexFunc(rows[0], func(s string) bool {
			return strings.EqualFold(strings.ReplaceAll(strings.Trim(s, "\ufeff "), " ", "_"), title)
		}))
	}
	if slices.Contains(columns, -1) {
		return nil, fmt.Errorf("the columns are %q", rows[0])
	}
	var names []name
	seen := map[string]bool{}
	for _, row := range rows[1:] {
		clean := func(i int) string { return strings.Join(strings.Fields(row[columns[i]]), " ") }
		n := name{strings.ToLower(clean(0)), clean(1), clean(2)}
		if !seen[n.guid] {
			names = append(names, n)
		}
		seen[n.guid] = true
	}
	if len(names) == 0 {
		return nil, errors.New("there are no rows")
	}
	slices.SortFunc(names, func(a, b name) int { return cmp.Or(cmp.Compare(a.text, b.text), cmp.Compare(a.guid, b.guid)) })
	return names, nil
}

// write returns a list of names as in names.tsv, with the comments of the present one.
func write(names []name, now time.Time) string {
	var text strings.Builder
	for line := range strings.Lines(namesFile) {
		switch {
		case strings.HasPrefix(line, "# Date: "):
			line = "# Date: " + now.Format(time.DateOnly) + "\n"
		case strings.HasPrefix(line, "# File: "):
			line = "# File: the CSV file to which the source links\n"
		case strings.HasPrefix(line, "# Rows: "):
			line = "# Rows: all SKUs\n"
		}
		if strings.HasPrefix(line, "#") {
			text.WriteString(line)
		}
	}
	for _, n := range names {
		fmt.Fprintf(&text, "%s\t%s\t%s\n", n.guid, n.partNumber, n.text)
	}
	return text.String()
}

// The list has its source and date, and a row for each SKU in the form that is expected.
func TestNames(t *testing.T) {
	if *newNames != "" {
		file, err := os.ReadFile(*newNames)
		if err != nil {
			t.Fatal(err)
		}
		made, err := reduce(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		if namesFile = write(made, time.Now()); os.WriteFile("names.tsv", []byte(namesFile), 0o644) != nil {
			t.Fatal("names.tsv cannot be written")
		}
	}
	row := regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\t[^\t]+\t[^\t ][^\t]*[^\t ]\n$`)
	rows, last := 0, ""
	for line := range strings.Lines(namesFile) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		rows++
		if !row.MatchString(line) {
			t.Errorf("%q is no row", line)
			continue
		}
		fields := strings.Split(line, "\t")
		if key := fields[2] + fields[0]; key <= last {
			t.Errorf("%q is not sorted", line)
		} else {
			last = key
		}
	}
	if unique := len(names().byID); rows < 150 || unique != rows {
		t.Errorf("%d rows with %d ids", rows, unique)
	}
	if !regexp.MustCompile(`(?m)^# Source: https://.*\n# File: https://.*\.csv\n# Date: \d{4}`).MatchString(namesFile) {
		t.Error("the source or the date is missing")
	}
	for _, test := range []struct{ id, partNumber, want string }{
		{"6fd2c87f-b296-42f0-b197-1e91e994b900", "", "Office 365 E3"}, {"6fd2c87f-b296-42f0-b197-1e91e994b900", "SPE_E3", "Office 365 E3"},
		{"", "SPE_E3", "Microsoft 365 E3"}, {"00000000-0000-4000-8000-000000000000", "SPE_E99", ""}, {"", "", ""},
	} {
		if got := ProductName(scalar.ID(test.id), scalar.Text(test.partNumber)); got != test.want {
			t.Errorf("%+v is %q", test, got)
		}
	}
}

// The vendor's file has a byte order mark, a row for each service plan, line breaks within names, and ids in either case.
func TestNamesAreMadeOfTheVendorsFile(t *testing.T) {
	const file = "\ufeffProduct_Display_Name,String_Id,GUID,Service_Plan_Name,Service_Plan_Id,Service_Plans_Included_Friendly_Names\r\n" +
		"Visio Plan 2,VISIO_PLAN2_DEPT,38B434D2-A15E-4CDE-9A98-E737C75623E1,ONEDRIVE_BASIC,da792a53-cbc0-4184-a10d-e544dd34b3c1,OneDrive for Business (Basic)\r\n" +
		"Visio Plan 2,VISIO_PLAN2_DEPT,38B434D2-A15E-4CDE-9A98-E737C75623E1,VISIOONLINE,2bdbaf8f-738f-4ac7-9234-3c3ee2ce7d0f,Visio Web App\r\n" +
		"\"Power \nBI Pro \",POWER_BI_PRO ,f8a1db68-be16-40ed-86d5-cb42ce701560,BI_AZURE_P2,70d33638-9c74-4d01-bfd3-562de28bd4ba,\"POWER BI, PRO\"\r\n"
	made, err := reduce(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	want := []name{
		{"f8a1db68-be16-40ed-86d5-cb42ce701560", "POWER_BI_PRO", "Power BI Pro"}, {"38b434d2-a15e-4cde-9a98-e737c75623e1", "VISIO_PLAN2_DEPT", "Visio Plan 2"},
	}
	if diff := gocmp.Diff(want, made, gocmp.AllowUnexported(name{})); diff != "" {
		t.Error(diff)
	}
	text := write(made, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	if !strings.HasSuffix(text, "\n38b434d2-a15e-4cde-9a98-e737c75623e1\tVISIO_PLAN2_DEPT\tVisio Plan 2\n") || !strings.Contains(text, "\n# Date: 2026-03-01\n# Rows: all SKUs\n") {
		t.Error(text)
	}
	for _, bad := range []string{"Name,Id\na,b\n", "GUID,String_Id,Product_Display_Name\n"} {
		if _, err := reduce(strings.NewReader(bad)); err == nil {
			t.Errorf("%q is no error", bad)
		}
	}
}
