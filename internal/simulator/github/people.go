package github

import (
	"fmt"

	"license_exporter/internal/simulator"
)

// The records of people, which the exporter must not show.

func person(i int) string { return fmt.Sprintf("%s-person-%d", simulator.FakeKeyMarker, i) }

func licensedUser(i int) simulator.Object {
	return simulator.Object{
		"github_com_login": person(i), "github_com_name": person(i), "enterprise_server_user_ids": []string{}, "github_com_user": true,
		"enterprise_server_user": false, "visual_studio_subscription_user": false, "license_type": "Enterprise",
		"github_com_profile": "https://github.com/" + person(i), "github_com_member_roles": []string{"contoso:Member"},
		"github_com_enterprise_roles": []string{"Member"}, "github_com_verified_domain_emails": []string{person(i) + "@example.com"},
		"github_com_saml_name_id": person(i), "github_com_orgs_with_pending_invites": []string{}, "github_com_two_factor_auth": true,
		"enterprise_server_emails": []string{}, "visual_studio_license_status": "", "visual_studio_subscription_email": "", "total_user_accounts": 1,
	}
}

func repository(i int) simulator.Object {
	return simulator.Object{
		"name": fmt.Sprintf("contoso/%s-repository-%d", simulator.FakeKeyMarker, i), "advanced_security_committers": 1,
		"advanced_security_committers_breakdown": []simulator.Object{{
			"user_login": person(i), "last_pushed_date": "2021-10-25", "last_pushed_email": person(i) + "@example.com",
		}},
	}
}

func seat(i int) simulator.Object {
	return simulator.Object{
		"created_at": "2021-08-03T18:00:00-06:00", "updated_at": "2021-09-23T15:00:00-06:00", "pending_cancellation_date": nil,
		"last_activity_at": "2021-10-14T00:53:32-06:00", "last_activity_editor": "vscode/1.77.3/copilot/1.86.82", "plan_type": "business",
		"assignee":       simulator.Object{"login": person(i), "id": i + 1, "type": "User", "site_admin": false},
		"assigning_team": nil,
	}
}
